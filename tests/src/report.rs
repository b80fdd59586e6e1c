//! Reading the document that `courrier check --json` prints.

use serde_json::Value;

use crate::Outcome;

/// What `courrier check` found.
#[derive(Debug)]
pub struct Report {
    outcome: Outcome,
}

impl Report {
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self { outcome }
    }

    /// How the program ended, and all it printed.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The whole document.
    pub fn json(&self) -> &Value {
        &self.outcome.json
    }

    /// The receiving side.
    pub fn imap(&self) -> Side<'_> {
        Side::new("imap", &self.json()["imap"], &self.outcome)
    }

    /// The sending side.
    pub fn smtp(&self) -> Side<'_> {
        Side::new("smtp", &self.json()["smtp"], &self.outcome)
    }

    /// Both sides.
    pub fn sides(&self) -> [Side<'_>; 2] {
        [self.imap(), self.smtp()]
    }

    /// How long the check took by its own account, in milliseconds.
    pub fn elapsed_ms(&self) -> u64 {
        self.json()["elapsed_ms"].as_u64().unwrap_or_else(|| panic!("no elapsed_ms: {}", self.outcome))
    }

    /// Asserts that both sides pass.
    pub fn passed(&self) {
        self.imap().passed();
        self.smtp().passed();
        assert_eq!(self.json()["ok"], true, "{}", self.outcome);
        assert_eq!(self.outcome.status, 0, "{}", self.outcome);
    }

    /// Asserts that both sides fail in this stage with this code.
    pub fn failed(&self, stage: &str, code: &str) {
        self.imap().failed(stage, code);
        self.smtp().failed(stage, code);
        assert_eq!(self.json()["ok"], false, "{}", self.outcome);
        assert_eq!(self.outcome.status, 1, "{}", self.outcome);
    }
}

/// One side of a [`Report`].
#[derive(Debug)]
pub struct Side<'a> {
    name: &'static str,
    json: &'a Value,
    outcome: &'a Outcome,
}

impl<'a> Side<'a> {
    fn new(name: &'static str, json: &'a Value, outcome: &'a Outcome) -> Self {
        assert!(json.is_object(), "no side {name}: {outcome}");
        Self { name, json, outcome }
    }

    /// Its part of the document.
    pub fn json(&self) -> &'a Value {
        self.json
    }

    /// The names of the stages that it reached, in turn.
    pub fn stages(&self) -> Vec<&'a str> {
        self.steps().iter().filter_map(|step| step["stage"].as_str()).collect()
    }

    /// The steps, one for each stage that it reached.
    pub fn steps(&self) -> &'a [Value] {
        self.json["steps"].as_array().map_or(&[], Vec::as_slice)
    }

    /// What a stage found out.
    ///
    /// # Panics
    /// If the check did not reach that stage.
    pub fn detail(&self, stage: &str) -> &'a Value {
        let step = self.steps().iter().find(|step| step["stage"] == stage);
        &step.unwrap_or_else(|| panic!("{}: no stage {stage}: {}", self.name, self.outcome))["detail"]
    }

    /// The SASL mechanism that was used.
    pub fn mechanism(&self) -> &'a str {
        self.detail("authenticate")["mechanism"].as_str().unwrap_or_default()
    }

    /// The certificate that the server showed.
    ///
    /// # Panics
    /// If the report has none, or one without what every certificate has.
    pub fn certificate(&self) -> &'a Value {
        let certificate = &self.detail("secure")["certificate"];
        for field in ["subject", "issuer", "not_after"] {
            let text = certificate[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{}: no {field} of the certificate: {}", self.name, self.outcome);
        }
        certificate
    }

    /// The problem's code, if there is a problem.
    pub fn code(&self) -> Option<&'a str> {
        self.json["problem"]["code"].as_str()
    }

    /// The codes of the warnings.
    pub fn warnings(&self) -> Vec<&'a str> {
        self.json["warnings"].as_array().into_iter().flatten().filter_map(|w| w["code"].as_str()).collect()
    }

    /// Asserts that this side passes.
    pub fn passed(&self) {
        let passed = self.json["ok"] == true && self.json["problem"].is_null();
        assert!(passed, "{} should pass: {}", self.name, self.outcome);
        for step in self.steps() {
            assert_eq!(step["ok"], true, "{}: {step}: {}", self.name, self.outcome);
        }
    }

    /// Asserts that this side fails in this stage with this code, and that the document is whole.
    pub fn failed(&self, stage: &str, code: &str) {
        let problem = &self.json["problem"];
        let found = (problem["stage"].as_str().unwrap_or("-"), problem["code"].as_str().unwrap_or("-"));
        assert_eq!(found, (stage, code), "{}: {}", self.name, self.outcome);
        assert_eq!(self.json["ok"], false, "{}: {}", self.name, self.outcome);
        let (last, before) = self.steps().split_last().expect("a check that fails has a step");
        assert_eq!((last["stage"].as_str(), last["ok"].as_bool()), (Some(stage), Some(false)), "{}", self.outcome);
        assert!(before.iter().all(|step| step["ok"] == true), "only the last step fails: {}", self.outcome);
        let words = [&problem["summary"], &problem["remedy"]["text"]];
        assert!(words.iter().all(|w| w.as_str().is_some_and(|w| !w.is_empty())), "no words: {}", self.outcome);
    }
}
