//! The catalogues of words: every language has every message, with the same attributes and variables, and all of it
//! parses. A reader of catalogues skips what it can't parse, so that nothing but this check would notice.
//!
//! The window and the command line have a file each. What both say, they say in the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::Result;
use crate::project::Project;

/// The language that the others are compared with.
const REFERENCE: &str = "en";

/// What stands behind a name.
#[derive(Debug, PartialEq, Eq)]
struct Wording {
    /// The variables in it, wherever they stand.
    variables: BTreeSet<String>,
    /// The parsed text, to compare.
    text: String,
}

/// The messages and their attributes (`id` or `id.attribute`) of one file.
type Words = BTreeMap<String, Wording>;

/// Compares the catalogues in `locales/`.
///
/// # Errors
/// Names each message that differs and each entry that does not parse.
pub(crate) fn check(project: &Project) -> Result {
    let mut languages = BTreeMap::new();
    let mut faults = Vec::new();
    for folder in std::fs::read_dir(project.root.join("locales"))? {
        let folder = folder?.path();
        if let Some(language) = folder.file_name().and_then(|name| name.to_str()).filter(|_| folder.is_dir()) {
            let files = read(&folder, &mut faults)?;
            faults.extend(contradictions(language, &files));
            languages.insert(language.to_owned(), files);
        }
    }
    let reference = languages.remove(REFERENCE).ok_or("locales/en is missing")?;
    for (language, files) in &languages {
        for (file, words) in &reference {
            match files.get(file) {
                Some(own) => faults.extend(differences(&format!("{language}/{file}"), words, own)),
                None => faults.push(format!("{language} has no {file}")),
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// The files of one language by name.
fn read(folder: &Path, faults: &mut Vec<String>) -> Result<BTreeMap<String, Words>> {
    let mut files = BTreeMap::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".ftl")) {
            let text = std::fs::read_to_string(&path)?;
            files.insert(name.to_owned(), parse(&path.display().to_string(), &text, faults));
        }
    }
    Ok(files)
}

fn parse(file: &str, text: &str, faults: &mut Vec<String>) -> Words {
    let (resource, errors) = match fluent_syntax::parser::parse(text) {
        Ok(resource) => (resource, Vec::new()),
        Err(partly) => partly,
    };
    for error in errors {
        let line = text.get(..error.pos.start).unwrap_or(text).lines().count().max(1);
        faults.push(format!("{file}:{line}: {error}"));
    }
    let mut words = Words::new();
    for entry in &resource.body {
        let (id, value, attributes) = match entry {
            Entry::Message(message) => (message.id.name.to_owned(), message.value.as_ref(), &message.attributes),
            Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value), &term.attributes),
            _ => continue,
        };
        let parts = attributes.iter().map(|part| (format!("{id}.{}", part.id.name), Some(&part.value)));
        for (name, pattern) in std::iter::once((id.clone(), value)).chain(parts) {
            let mut variables = BTreeSet::new();
            if let Some(pattern) = pattern {
                of_pattern(pattern, &mut variables);
            }
            let wording = Wording { variables, text: format!("{pattern:?}") };
            if words.insert(name.clone(), wording).is_some() {
                faults.push(format!("{file}: {name} stands there twice"));
            }
        }
    }
    words
}

/// What two files of one language say in different words.
fn contradictions(language: &str, files: &BTreeMap<String, Words>) -> Vec<String> {
    let mut said: BTreeMap<&str, (&str, &Wording)> = BTreeMap::new();
    let mut faults = Vec::new();
    for (file, words) in files {
        for (name, wording) in words {
            match said.get(name.as_str()) {
                Some((earlier, other)) if *other != wording => {
                    faults.push(format!("{language}: {earlier} and {file} have different words for {name}"));
                }
                Some(_) => {}
                None => {
                    said.insert(name, (file, wording));
                }
            }
        }
    }
    faults
}

/// In what `words`, the file called `file`, is not a translation of `reference`.
fn differences(file: &str, reference: &Words, words: &Words) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, wording) in reference.iter().filter(|(name, _)| is_message(name)) {
        match words.get(name) {
            None => faults.push(format!("{file} has no {name}")),
            Some(own) if own.variables != wording.variables => faults
                .push(format!("{file}: {name} has {:?}, and {:?} in {REFERENCE}", own.variables, wording.variables)),
            Some(_) => {}
        }
    }
    let unknown = words.keys().filter(|name| is_message(name) && !reference.contains_key(*name));
    faults.extend(unknown.map(|name| format!("{file} has {name}, which {REFERENCE} has not")));
    faults
}

/// Terms, whose names begin with a dash, are a language's own affair: its grammar decides what they must be told.
fn is_message(name: &str) -> bool {
    !name.starts_with('-')
}

fn of_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, variables);
        }
    }
}

fn of_expression(expression: &Expression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, variables),
        Expression::Select { selector, variants } => {
            of_inline(selector, variables);
            variants.iter().for_each(|variant| of_pattern(&variant.value, variables));
        }
    }
}

fn of_inline(expression: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        InlineExpression::VariableReference { id } => {
            variables.insert(format!("${}", id.name));
        }
        InlineExpression::Placeable { expression } => of_expression(expression, variables),
        InlineExpression::FunctionReference { arguments, .. } => of_arguments(arguments, variables),
        InlineExpression::TermReference { arguments: Some(arguments), .. } => of_arguments(arguments, variables),
        _ => {}
    }
}

fn of_arguments(arguments: &CallArguments<&str>, variables: &mut BTreeSet<String>) {
    arguments.positional.iter().for_each(|value| of_inline(value, variables));
    arguments.named.iter().for_each(|argument| of_inline(&argument.value, variables));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Words, Vec<String>) {
        let mut faults = Vec::new();
        (parse("test.ftl", text, &mut faults), faults)
    }

    #[test]
    fn what_differs_between_languages_is_named() {
        let (en, faults) = parsed(
            "-brand = Courrier\nhost = Connected to { $host } in { NUMBER($ms) } ms\n\
             count = { $n ->\n    [one] one of { $all }\n   *[other] many\n }\n\
             field = Name\n    .hint = As { $who } sees it\nonly-here = x\n",
        );
        assert_eq!(faults, Vec::<String>::new());
        let (fr, _) = parsed(
            "host = Connecté à { $host } en { $ms } ms\ncount = { $n ->\n   *[other] plusieurs\n }\n\
             field = Nom\n    .hint = Comme { $who } le voit\ninconnu = y\n",
        );
        assert_eq!(
            differences("fr", &en, &fr),
            [
                r#"fr: count has {"$n"}, and {"$all", "$n"} in en"#,
                "fr has no only-here",
                "fr has inconnu, which en has not",
            ]
        );
    }

    #[test]
    fn an_entry_that_does_not_parse_and_one_that_stands_twice_are_named() {
        let (_, faults) = parsed("fine = yes\nbroken { = no\nfine = again\n");
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("test.ftl:2: "), "{faults:?}");
        assert_eq!(faults[1], "test.ftl: fine stands there twice");
    }

    #[test]
    fn two_files_may_share_a_message_but_not_word_it_twice() {
        let file = |text| parsed(text).0;
        let files = BTreeMap::from([
            ("window.ftl".to_owned(), file("same = One\nother = Two\n")),
            ("words.ftl".to_owned(), file("same = One\nother = Deux\n")),
        ]);
        assert_eq!(contradictions("en", &files), ["en: window.ftl and words.ftl have different words for other"]);
    }
}
