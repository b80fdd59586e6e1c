//! Access that is revoked or forgotten.

use super::*;
use crate::Revocation;

#[tokio::test]
async fn revoking_ends_the_token_there_and_here() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    text(&custodian).await.expect("fresh");
    assert_eq!(custodian.revoke().await, Ok(Revocation::Revoked));
    assert_eq!(*issuer.world.refresh_token.lock().expect("free"), None, "the provider has forgotten it");
    assert_eq!(issuer.world.form.lock().expect("free")["client_id"], CLIENT);
    assert_eq!((place.kept(), text(&custodian).await), (None, Err(AuthError::SignedOut)));
    assert!(place.lock.try_lock().is_ok());
    // A new consent for the same account.
    *issuer.world.refresh_token.lock().expect("free") = Some("refresh-0".into());
    let other = Place::of(&issuer);
    let tokens = other.kept.lock().expect("free").clone().expect("kept");
    custodian.replace(tokens).await.expect("kept");
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-2"));
}

#[tokio::test]
async fn revoking_where_there_is_no_way_or_nothing_left_forgets_and_a_failure_does_not() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(MailProvider { revocation: None, ..provider(&issuer) });
    assert_eq!((custodian.revoke().await, place.kept()), (Ok(Revocation::NotOffered), None));

    let place = Place::of(&issuer);
    *issuer.world.revokes_nothing.lock().expect("free") = true;
    assert_eq!(place.process(provider(&issuer)).revoke().await, Ok(Revocation::Revoked));
    assert_eq!(place.kept(), None);

    let place = Place::of(&issuer);
    let away = "http://127.0.0.1:9/revoke".parse().ok();
    let custodian = place.process(MailProvider { revocation: away, ..provider(&issuer) });
    assert!(matches!(custodian.revoke().await, Err(AuthError::Unreachable(_))));
    assert_eq!(place.kept(), Some(("refresh-0".into(), 7)));
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"), "it goes on");
    assert_eq!((custodian.forget().await, place.kept()), (Ok(()), None));
}

#[tokio::test]
async fn what_is_known_of_an_emptied_slot_goes_too() {
    let issuer = TestIssuer::start().await;
    let place = Place::default();
    let custodian = place.process(provider(&issuer));
    *place.locked.lock().expect("free") = Some(crate::KeepError::Locked);
    assert_eq!(custodian.forget().await, Err(AuthError::Keep(crate::KeepError::Locked)));
    *place.locked.lock().expect("free") = None;
    assert_eq!(custodian.revoke().await, Ok(Revocation::NothingKept));
    assert_eq!(place.cleared.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn revoking_ends_tokens_that_were_never_kept() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    place.fail(Some(KeepError::Locked));
    text(&custodian).await.expect_err("can't be kept");
    assert_eq!(custodian.revoke().await, Ok(Revocation::Revoked));
    assert_eq!(*issuer.world.refresh_token.lock().expect("free"), None, "the newest token was revoked");
    assert!(!custodian.is_unkept() && place.lock.try_lock().is_ok());
}
