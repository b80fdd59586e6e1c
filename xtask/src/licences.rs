//! The licences of the npm packages that end up in the window, held to the list of deny.toml.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::Result;
use crate::project::Project;

/// Packages that package.json has for development, but whose code the build puts into the window.
const BUNDLED: &[&str] = &["svelte"];

/// Reads the installed packages, starting from the window's dependencies.
///
/// # Errors
/// Names each package whose licence is not on the list, and those that are not installed.
pub(crate) fn check(project: &Project) -> Result {
    let deny = std::fs::read_to_string(project.root.join("deny.toml"))?;
    let allowed = allowed(&deny);
    let ui = project.ui();
    let lock: Value = serde_json::from_str(&std::fs::read_to_string(ui.join("package-lock.json"))?)?;
    let mut faults = Vec::new();
    for place in shipped(&lock) {
        let expression = licence(&ui.join(&place))?;
        if !permits(&expression, &allowed) {
            faults.push(format!("{place}: {expression:?}"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("licences not in deny.toml: {}", faults.join(", ")).into()) }
}

/// The places (`node_modules/…`) of what is shipped, with all that it depends on.
fn shipped(lock: &Value) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    let roots = names(&lock["packages"][""]).chain(BUNDLED.iter().copied());
    let mut open: Vec<(String, &str)> = roots.map(|name| (String::new(), name)).collect();
    while let Some((from, name)) = open.pop() {
        let Some(place) = resolve(lock, &from, name) else { continue };
        if places.insert(place.clone()) {
            open.extend(names(&lock["packages"][&place]).map(|name| (place.clone(), name)));
        }
    }
    places
}

fn names(package: &Value) -> impl Iterator<Item = &str> {
    package["dependencies"].as_object().into_iter().flat_map(|all| all.keys().map(String::as_str))
}

/// Where Node finds `name` from within the package at `from`: in its own folder, or further up.
fn resolve(lock: &Value, from: &str, name: &str) -> Option<String> {
    let mut folder = from;
    loop {
        let place =
            if folder.is_empty() { format!("node_modules/{name}") } else { format!("{folder}/node_modules/{name}") };
        if !lock["packages"][&place].is_null() {
            return Some(place);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once("/node_modules/").map_or("", |(above, _)| above);
    }
}

/// The licence that a package names. Where it names none, a file with the well-known text of MIT says as much.
fn licence(package: &Path) -> Result<String> {
    let manifest = package.join("package.json");
    let text = std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let manifest: Value = serde_json::from_str(&text)?;
    if let Some(named) = manifest["license"].as_str() {
        return Ok(named.to_owned());
    }
    let text = std::fs::read_to_string(package.join("LICENSE")).unwrap_or_default();
    Ok(if text.starts_with("MIT License\n") { "MIT" } else { "none given" }.to_owned())
}

/// The list `allow` of deny.toml: one list for Rust and npm.
fn allowed(deny: &str) -> BTreeSet<&str> {
    deny.lines()
        .skip_while(|line| !line.starts_with("allow = ["))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .filter_map(|line| line.trim_start().strip_prefix('"')?.split_once('"').map(|(name, _)| name))
        .collect()
}

/// Whether an SPDX expression leaves a choice that the list allows. Of the grammar only what npm packages use is
/// understood (names, `OR`, `AND`, parentheses around all); anything else is refused, for a person to look at.
fn permits(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let expression = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(expression);
    expression.split(" OR ").any(|choice| choice.split(" AND ").all(|name| allowed.contains(name.trim())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_list_is_read_as_deny_toml_has_it() {
        let deny = "[licenses]\n# \"GPL-3.0\" not\nallow = [\n    \"MIT\",\n    # \"AGPL\"\n    \"ISC\", # short\n]\nother = [\n    \"X\",\n]\n";
        assert_eq!(allowed(deny), BTreeSet::from(["ISC", "MIT"]));
    }

    #[test]
    fn a_choice_is_enough_and_a_sum_is_not() {
        let allowed = BTreeSet::from(["MIT", "Apache-2.0"]);
        for fine in ["MIT", "(MIT OR GPL-3.0)", "GPL-3.0 OR MIT AND Apache-2.0"] {
            assert!(permits(fine, &allowed), "{fine}");
        }
        for refused in ["GPL-3.0", "MIT AND GPL-3.0", "none given", "SEE LICENSE IN x", "(MIT AND X) OR GPL-3.0"] {
            assert!(!permits(refused, &allowed), "{refused}");
        }
    }

    #[test]
    fn what_is_shipped_is_found_where_node_finds_it() {
        let lock = json!({"packages": {
            "": {"dependencies": {"a": "1"}, "devDependencies": {"svelte": "5", "eslint": "9"}},
            "node_modules/a": {"dependencies": {"b": "1", "c": "1"}},
            "node_modules/a/node_modules/b": {"dependencies": {"c": "1"}},
            "node_modules/b": {},
            "node_modules/c": {},
            "node_modules/eslint": {},
            "node_modules/svelte": {},
        }});
        let places: Vec<_> = shipped(&lock).into_iter().collect();
        assert_eq!(
            places,
            ["node_modules/a", "node_modules/a/node_modules/b", "node_modules/c", "node_modules/svelte"]
        );
    }
}
