//! Counting: one total over libtest and Vitest.

use std::fmt;

use serde_json::Value;

/// How many tests passed, failed and were left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// The names of what failed, for the closing lines.
    pub(crate) failures: Vec<String>,
    /// Entries of the present binary that are another test's child process, not tests.
    children: u64,
}

impl Tally {
    /// Counts a failure that no test runner has counted.
    pub(crate) fn fail(&mut self, name: String) {
        self.failed += 1;
        self.failures.push(name);
    }

    /// Adds the counts of another run.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
    }

    /// Takes one line of what libtest prints; true for the line that ends its report. A name that the person chose
    /// filters others out: these are not skipped, and the line's own count of them is left alone.
    pub(crate) fn read_libtest(&mut self, line: &str) -> bool {
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        }
        // Some tests re-run their own binary as a child process, whose entry libtest can only call ignored.
        if line.starts_with("test ") && line.contains(" ... ignored, runs as a child") {
            self.children += 1;
        }
        let Some(report) = line.strip_prefix("test result: ") else { return false };
        let Some((_, counts)) = report.split_once(". ") else { return false };
        for count in counts.split("; ") {
            let Some((number, what)) = count.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number.saturating_sub(std::mem::take(&mut self.children)),
                _ => {}
            }
        }
        true
    }

    /// Reads what Vitest's JSON reporter wrote. With `filtered`, tests that did not run were not asked for.
    pub(crate) fn of_vitest(report: &Value, filtered: bool) -> Self {
        let number = |key: &str| report[key].as_u64().unwrap_or_default();
        let mut tally = Self { passed: number("numPassedTests"), ..Self::default() };
        if !filtered {
            tally.skipped = number("numPendingTests") + number("numTodoTests");
        }
        for file in report["testResults"].as_array().into_iter().flatten() {
            let failed: Vec<_> = file["assertionResults"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|test| test["status"] == "failed")
                .map(|test| test["fullName"].as_str().unwrap_or("a test without a name").to_owned())
                .collect();
            // A file that could not even be loaded has no tests to name.
            if failed.is_empty() && file["status"] == "failed" {
                tally.fail(file["name"].as_str().unwrap_or("a file without a name").to_owned());
            }
            failed.into_iter().for_each(|name| tally.fail(name));
        }
        tally
    }
}

/// The line that ends a run.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn libtest_is_counted_and_failures_are_named() {
        let mut tally = Tally::default();
        assert!(!tally.read_libtest("test resolve::gives_both_families ... ok"));
        assert!(!tally.read_libtest("test connect::gives_up ... FAILED"));
        assert!(tally.read_libtest(
            "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 5 filtered out; finished in 0.01s"
        ));
        tally.add(Tally { passed: 4, ..Tally::default() });
        assert_eq!(tally.to_string(), "7 passed, 1 failed, 2 skipped");
        assert_eq!(tally.failures, ["connect::gives_up"]);
    }

    #[test]
    fn the_child_of_another_test_is_no_test() {
        let mut tally = Tally::default();
        tally.read_libtest("test adder_child ... ignored, runs as a child of the next test");
        tally.read_libtest("test later ... ignored, not yet");
        tally.read_libtest("test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out");
        assert_eq!(tally.to_string(), "3 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_line_that_only_mentions_a_result_is_not_one() {
        let mut tally = Tally::default();
        assert!(!tally.read_libtest("  test result: ok. 3 passed; 0 failed"));
        assert!(!tally.read_libtest("test result: what?"));
        assert_eq!(tally, Tally::default());
    }

    #[test]
    fn vitest_is_counted_with_files_that_did_not_load() {
        let report = json!({
            "numPassedTests": 5, "numFailedTests": 1, "numPendingTests": 2, "numTodoTests": 1,
            "testResults": [
                {"name": "/p/a.test.ts", "status": "failed", "assertionResults": [
                    {"fullName": "search folds accents", "status": "failed"}, {"fullName": "x", "status": "passed"}]},
                {"name": "/p/b.test.ts", "status": "failed", "assertionResults": []},
                {"name": "/p/c.test.ts", "status": "passed", "assertionResults": []},
            ],
        });
        let tally = Tally::of_vitest(&report, false);
        assert_eq!(tally.to_string(), "5 passed, 2 failed, 3 skipped");
        assert_eq!(tally.failures, ["search folds accents", "/p/b.test.ts"]);
        assert_eq!(Tally::of_vitest(&report, true).skipped, 0);
    }
}
