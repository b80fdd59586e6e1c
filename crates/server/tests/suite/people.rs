use courrier_server::storage::{Claims, StorageError};

use super::{ISSUER, Site, claims, minute, open};

pub(crate) async fn a_person_is_made_at_first_sight_and_once(site: &impl Site) {
    let storage = open(site).await;
    let first: Vec<_> = (0..8)
        .map(|_| {
            let storage = storage.clone();
            tokio::spawn(async move { storage.authorize(&claims("alice"), "key", minute(1)).await.expect("made") })
        })
        .collect();
    let mut seen = Vec::new();
    for task in first {
        seen.push(task.await.expect("ran"));
    }
    seen.dedup();
    let [standing] = &seen[..] else { panic!("more than one: {seen:?}") };
    assert_eq!(standing.device, None);
    // Histories compare by the time at which they began.
    assert_eq!(i64::try_from(standing.revision), Ok(minute(1).as_millisecond()));
    let again = storage.authorize(&claims("alice"), "another key", minute(9)).await.expect("found");
    assert_eq!(again, *standing);
}

pub(crate) async fn what_a_token_says_is_kept_until_it_says_otherwise(site: &impl Site) {
    let storage = open(site).await;
    let told = |email: Option<&str>, name: Option<&str>| Claims {
        email: email.map(str::to_owned),
        name: name.map(str::to_owned),
        ..claims("alice")
    };
    let ask = async |claims: Claims| {
        let user = storage.authorize(&claims, "key", minute(0)).await.expect("authorized").user;
        (user.email, user.name)
    };
    let both = (Some("a@example.test".to_owned()), Some("Alice".to_owned()));
    assert_eq!(ask(told(Some("a@example.test"), Some("Alice"))).await, both);
    assert_eq!(ask(told(None, None)).await, both);
    let married = (Some("b@example.test".to_owned()), Some("Alice".to_owned()));
    assert_eq!(ask(told(Some("b@example.test"), None)).await, married);
    assert_eq!(ask(told(None, None)).await, married);
}

pub(crate) async fn the_same_subject_elsewhere_is_somebody_else(site: &impl Site) {
    let storage = open(site).await;
    let here = Claims { email: Some("one@example.test".to_owned()), ..claims("4711") };
    let there = Claims { issuer: "https://other.example.test".to_owned(), ..here.clone() };
    let here = storage.authorize(&here, "key", minute(0)).await.expect("authorized").user;
    let there = storage.authorize(&there, "key", minute(0)).await.expect("authorized").user;
    assert_ne!(here.id, there.id);
    assert_eq!((here.issuer.as_str(), here.subject.as_str()), (ISSUER, "4711"));
}

pub(crate) async fn a_text_that_one_database_can_not_keep_is_refused(site: &impl Site) {
    let storage = open(site).await;
    let answer = storage.authorize(&claims("nul\0"), "key", minute(0)).await;
    assert_eq!(answer, Err(StorageError::Unstorable));
    storage.ping().await.expect("alive");
}
