use openidconnect::IssuerUrl;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::{Value, json};

use super::*;
use crate::testing::{ALICE, CLIENT, Signer};

const ISSUER: &str = "https://id.example.test/realms/x";
const NOW: i64 = 1_767_322_245;

fn discovered(keys: &[&Signer]) -> Discovered {
    let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
    let url = || ISSUER.parse().expect("valid");
    Discovered {
        name: IssuerUrl::new(ISSUER.into()).expect("valid"),
        authorization: url(),
        token: url(),
        revocation: None,
        end_session: None,
        device_authorization: None,
        keys: serde_json::from_value::<CoreJsonWebKeySet>(json!({ "keys": keys })).expect("a key set"),
        algorithms: vec![CoreJwsSigningAlgorithm::EcdsaP256Sha256],
        names_itself: true,
        binds_tokens: false,
    }
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": CLIENT, "azp": CLIENT, "sub": ALICE, "iat": NOW, "exp": NOW + 300, "nonce": "N",
        "auth_time": NOW - 20, "name": "Alice Martin", "email": "alice@example.test", "email_verified": true })
}

fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().expect("claims").remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn at(own: i64, issuer: i64) -> Moment {
    let moment = |second| Timestamp::from_second(second).expect("in range");
    Moment { own: moment(own), issuer: moment(issuer) }
}

/// Verifies with what an ordinary sign-in expects.
fn judge(key: &Signer, token: &str, moment: Moment) -> Result<Identity, Fault> {
    let (nonce, access) = (Nonce::new("N".into()), Secret::from("access"));
    let expected = Expected {
        client_id: CLIENT,
        nonce: Some(&nonce),
        access_token: &access,
        authenticated_since: None,
        subject: None,
    };
    verify(&Secret::from(token), &discovered(&[key]), &expected, moment)
}

#[test]
fn a_genuine_token_says_who_it_is() {
    let key = Signer::new("k1");
    let identity = judge(&key, &key.sign(&claims()), at(NOW, NOW)).expect("genuine");
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (ISSUER, ALICE));
    assert_eq!(identity.name.as_deref(), Some("Alice Martin"));
    assert_eq!((identity.email.as_deref(), identity.email_verified), (Some("alice@example.test"), true));
    for fine in [changed("azp", Value::Null), changed("aud", json!([CLIENT])), changed("auth_time", Value::Null)] {
        judge(&key, &key.sign(&fine), at(NOW, NOW)).expect("genuine as well");
    }
}

#[test]
fn every_claim_counts() {
    let key = Signer::new("k1");
    for (name, value, forgery) in [
        ("iss", json!("https://id.example.test/realms/y"), Forgery::Audience),
        ("iss", json!("https://id.example.test/realms/x/"), Forgery::Audience),
        ("iss", Value::Null, Forgery::Signature),
        ("aud", json!("another-client"), Forgery::Audience),
        ("aud", json!([CLIENT, "another-client"]), Forgery::Audience),
        ("aud", json!([]), Forgery::Audience),
        ("aud", Value::Null, Forgery::Audience),
        ("azp", json!("another-client"), Forgery::Audience),
        ("nonce", json!("M"), Forgery::Nonce),
        ("nonce", Value::Null, Forgery::Nonce),
        ("exp", json!(NOW - 61), Forgery::Expired),
        ("exp", Value::Null, Forgery::Signature),
        ("iat", json!(NOW - 601), Forgery::Expired),
        ("iat", Value::Null, Forgery::Signature),
        ("sub", json!(""), Forgery::Subject),
        ("sub", Value::Null, Forgery::Signature),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), Forgery::AccessToken),
    ] {
        let token = key.sign(&changed(name, value.clone()));
        assert_eq!(judge(&key, &token, at(NOW, NOW)), Err(forgery.into()), "{name}: {value}");
    }
}

#[test]
fn the_signature_counts() {
    let key = Signer::new("k1");
    let good = key.sign(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let forged: Result<Identity, Fault> = Err(Forgery::Signature.into());
    let none = |alg: &str| key.sign_as(&json!({ "alg": alg, "kid": "k1" }), &claims());
    let other_payload = key.sign(&changed("sub", json!("mallory")));
    for (what, token) in [
        ("alg none", none("none")),
        ("alg none, no signature", format!("{}.", none("none").rsplit_once('.').expect("dots").0)),
        ("alg by shared secret", none("HS256")),
        ("alg that the issuer does not use", none("RS256")),
        ("unknown alg", none("XS256")),
        ("another key under the same id", Signer::new("k1").sign(&claims())),
        ("another payload", format!("{}.{}.{}", parts[0], other_payload.split('.').nth(1).expect("claims"), parts[2])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("critical header", key.sign_as(&json!({ "alg": "ES256", "kid": "k1", "crit": ["x"], "x": 1 }), &claims())),
        ("an access token", key.sign_as(&json!({ "alg": "ES256", "kid": "k1", "typ": "at+jwt" }), &claims())),
        ("nothing", String::new()),
    ] {
        assert_eq!(judge(&key, &token, at(NOW, NOW)), forged, "{what}");
    }
    assert_eq!(judge(&key, &Signer::new("k2").sign(&claims()), at(NOW, NOW)), Err(Fault::UnknownKey));
}

#[test]
fn a_minute_is_forgiven_and_a_wrong_clock_is_named() {
    let key = Signer::new("k1");
    let token = key.sign(&claims());
    for own in [NOW - 60, NOW, NOW + 300, NOW + 359] {
        judge(&key, &token, at(own, NOW)).unwrap_or_else(|fault| panic!("{}: {fault:?}", own - NOW));
    }
    let skew = |seconds| Err(Fault::Refused(AuthError::ClockSkew { seconds }));
    assert_eq!(judge(&key, &token, at(NOW - 61, NOW - 61)), skew(-61));
    assert_eq!(judge(&key, &token, at(NOW - 86_400, NOW)), skew(-86_400));
    assert_eq!(judge(&key, &token, at(NOW + 3600, NOW)), skew(3600));
    assert_eq!(judge(&key, &token, at(NOW + 3600, NOW + 3600)), Err(Forgery::Expired.into()));
}

#[test]
fn the_access_token_that_came_with_it_is_recognised() {
    let key = Signer::new("k1");
    // printf access | openssl dgst -sha256 -binary | head -c16 | basenc --base64url
    let token = key.sign(&changed("at_hash", json!("oFYf1knNtrqnhAVfBRuteQ")));
    judge(&key, &token, at(NOW, NOW)).expect("the left half of the hash");
}

#[test]
fn who_must_type_the_password_again_has_to_prove_it() {
    let key = Signer::new("k1");
    let judge = |claims: &Value, since: i64| {
        let (nonce, access) = (Nonce::new("N".into()), Secret::from("access"));
        let expected = Expected {
            client_id: CLIENT,
            nonce: Some(&nonce),
            access_token: &access,
            authenticated_since: Some(Timestamp::from_second(since).expect("in range")),
            subject: None,
        };
        verify(&Secret::from(key.sign(claims)), &discovered(&[&key]), &expected, at(NOW, NOW))
    };
    judge(&claims(), NOW - 30).expect("typed since then");
    judge(&claims(), NOW + 40).expect("within leeway");
    assert_eq!(judge(&claims(), NOW + 41), Err(Forgery::AuthTime.into()));
    assert_eq!(judge(&changed("auth_time", Value::Null), NOW - 30), Err(Forgery::AuthTime.into()));
}

#[test]
fn a_session_stays_with_its_person() {
    let key = Signer::new("k1");
    let access = Secret::from("access");
    let judge = |subject| {
        let expected = Expected {
            client_id: CLIENT,
            nonce: None,
            access_token: &access,
            authenticated_since: None,
            subject: Some(subject),
        };
        verify(&Secret::from(key.sign(&claims())), &discovered(&[&key]), &expected, at(NOW, NOW))
    };
    judge(ALICE).expect("she is");
    assert_eq!(judge("somebody else"), Err(Forgery::Subject.into()));
}
