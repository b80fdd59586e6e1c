//! `docs/benchmarks.md`: one section a benchmark. A run replaces its own and leaves the others.

use std::fmt;
use std::fs;
use std::path::Path;

const HEAD: &str = "# Benchmarks

Written by `cargo xtask bench`: what is changed here by hand is lost with its next run. Medians, with the least and the
most in brackets; what is compared was measured in turn, in one run.
";

/// What one benchmark came to.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its heading, by which it is found again.
    pub(crate) title: &'static str,
    /// What was measured, and how.
    pub(crate) about: String,
    /// Table rows, the head first.
    pub(crate) rows: Vec<Vec<String>>,
    /// What it comes to, a line each.
    pub(crate) verdicts: Vec<String>,
    /// When and where.
    pub(crate) measured: String,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "## {}\n\n{}\n\n", self.title, self.about)?;
        for (place, row) in self.rows.iter().enumerate() {
            writeln!(f, "| {} |", row.join(" | "))?;
            if place == 0 {
                writeln!(f, "|{}", " --- |".repeat(row.len()))?;
            }
        }
        for verdict in &self.verdicts {
            write!(f, "\n{verdict}\n")?;
        }
        write!(f, "\nMeasured on {}.\n", self.measured)
    }
}

/// A row of texts.
pub(crate) fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

/// Puts the section into the file, in the place of its last version or at the end.
///
/// # Panics
/// If the file can't be written.
pub(crate) fn write(file: &Path, section: &Section) {
    let present = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, merged(&present, section)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

fn merged(present: &str, section: &Section) -> String {
    let mut sections: Vec<String> =
        present.split("\n## ").skip(1).map(|text| format!("## {}\n", text.trim_end())).collect();
    let heading = format!("## {}\n", section.title);
    match sections.iter_mut().find(|text| text.starts_with(&heading)) {
        Some(old) => *old = section.to_string(),
        None => sections.push(section.to_string()),
    }
    format!("{HEAD}\n{}", sections.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &'static str, about: &str) -> Section {
        let rows = vec![row(["what", "ms"]), row(["this", "1"])];
        Section { title, about: about.into(), rows, verdicts: vec!["Good.".into()], measured: "a Monday".into() }
    }

    #[test]
    fn a_run_replaces_its_own_section_only() {
        let first = merged("", &section("one", "first"));
        let both = merged(&first, &section("two", "other"));
        assert!(both.starts_with(&first));
        let again = merged(&both, &section("one", "second"));
        assert_eq!(again, both.replace("first", "second"));
        assert!(again.contains("| what | ms |\n| --- | --- |\n| this | 1 |\n"), "{again}");
    }
}
