use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(body: &Value) -> Refusal {
    serde_json::from_value(body.clone()).expect("a refusal")
}

fn judged(body: &Value) -> (Verdict, Option<Explanation>) {
    let judged = read(body).judged();
    (judged.verdict, judged.explanation)
}

#[test]
fn what_to_do_follows_from_the_code() {
    for (error, verdict) in [
        ("invalid_grant", Verdict::SignInAgain),
        ("interaction_required", Verdict::SignInAgain),
        ("consent_required", Verdict::SignInAgain),
        ("login_required", Verdict::SignInAgain),
        ("temporarily_unavailable", Verdict::RetryLater),
        ("server_error", Verdict::RetryLater),
        ("invalid_client", Verdict::Configuration),
        ("unauthorized_client", Verdict::Configuration),
        ("invalid_scope", Verdict::Configuration),
        ("invalid_request", Verdict::Configuration),
        ("something_new", Verdict::Configuration),
        ("", Verdict::Configuration),
    ] {
        assert_eq!(judged(&json!({ "error": error })).0, verdict, "{error}");
    }
}

#[test]
fn microsofts_numbers_explain() {
    use Explanation as E;
    for (number, explanation) in [
        (65001, E::Consent),
        (90094, E::AdminConsent),
        (90093, E::AdminConsent),
        (700_082, E::Idle),
        (70043, E::SignInFrequency),
        (70008, E::Expired),
        (70000, E::Expired),
        (50173, E::Revoked),
        (50076, E::SecondFactor),
        (53003, E::ConditionalAccess),
        (70011, E::ScopesMixed),
        (50011, E::RedirectMismatch),
        (500_201, E::PersonalAccount),
        (700_016, E::UnknownApplication),
        (7_000_218, E::SecretDemanded),
    ] {
        let listed = json!({ "error": "invalid_grant", "error_codes": [number] });
        let text = format!("AADSTS{number}: Words. Trace ID: 1");
        let said = json!({ "error": "invalid_grant", "error_description": text });
        assert_eq!(judged(&listed), (Verdict::SignInAgain, Some(explanation)), "{number}");
        assert_eq!(judged(&said), (Verdict::SignInAgain, Some(explanation)), "{number} in the text");
    }
    let both = json!({ "error": "invalid_grant", "error_codes": [65001, 90094], "suberror": "consent_required" });
    assert_eq!(judged(&both).1, Some(E::AdminConsent));
    assert_eq!(judged(&json!({ "error": "invalid_grant", "error_codes": [1, 2] })).1, None);
}

#[test]
fn a_token_ends_by_invalid_grant_unless_something_else_is_in_the_way() {
    let ends = |body: Value| read(&body).ends_token();
    assert!(ends(json!({ "error": "invalid_grant" })));
    assert!(ends(json!({ "error": "invalid_grant", "suberror": null })));
    assert!(ends(json!({ "error": "invalid_grant", "suberror": "bad_token" })));
    assert!(!ends(json!({ "error": "invalid_grant", "suberror": "basic_action" })));
    assert!(!ends(json!({ "error": "invalid_grant", "error_subtype": "invalid_rapt" })));
    assert!(!ends(json!({ "error": "interaction_required" })));
}

#[test]
fn every_explanation_has_a_name_of_its_own() {
    for explanation in Explanation::ALL {
        assert_eq!(Explanation::from_code(explanation.code()), Some(explanation));
    }
    assert_eq!(Explanation::from_code("unknown"), None);
}

#[test]
fn the_providers_text_is_never_shown() {
    let refusal = read(&json!({ "error": "invalid_grant\n<b>", "error_description": "AADSTS50173: alice@firm.test" }));
    let shown = format!("{refusal:?} {refusal} {:?} {}", refusal.judged(), refusal.judged());
    assert!(!shown.contains("alice") && !shown.contains('<'), "{shown}");
    assert!(shown.contains("invalid_grantb (revoked)"), "{shown}");
}

/// Any JSON, as deep as a careless server makes it.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "(AADSTS[0-9]{0,30}[: a]{0,3}){0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
}

proptest! {
    #[test]
    fn numbers_and_texts_never_change_what_is_done(
        error in "[a-z_]{0,24}|invalid_grant|server_error|invalid_client",
        suberror in anything(), codes in anything(), text in anything(),
    ) {
        let bare = read(&json!({ "error": error })).judged();
        let full = read(&json!({
            "error": error, "suberror": suberror, "error_subtype": text, "error_codes": codes, "error_description": text,
            "more": codes,
        }));
        prop_assert_eq!(full.judged().verdict, bare.verdict);
        prop_assert_eq!(full.judged().error, bare.error);
        if full.ends_token() {
            prop_assert_eq!(full.judged().verdict, Verdict::SignInAgain);
        }
    }

    #[test]
    fn only_known_numbers_explain(number in any::<u32>()) {
        let explained = read(&json!({ "error": "invalid_grant", "error_codes": [number] })).judged().explanation;
        prop_assert_eq!(explained, Explanation::by_number(u64::from(number)));
        let longer = format!("AADSTS{number}0000000000: words");
        let explained = read(&json!({ "error": "invalid_grant", "error_description": longer })).judged().explanation;
        prop_assert_eq!(explained, None);
    }
}
