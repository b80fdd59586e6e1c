//! Clocks that are wrong, that jump, and that stand still.

use super::*;

const HOUR: i64 = 3600;

#[tokio::test]
async fn a_clock_that_is_wrong_by_an_hour_changes_nothing() {
    for off in [-HOUR, HOUR] {
        let issuer = TestIssuer::start().await;
        let place = Place::of(&issuer);
        place.clock_off_by.store(off, Ordering::SeqCst);
        place.keep(&issuer, "refresh-0", |tokens| tokens.access_token = None);
        for _ in 0..3 {
            assert_eq!(text(&place.process(provider(&issuer))).await.as_deref(), Ok("access-1"), "{off}");
        }
        assert_eq!(requests(&issuer), 1, "{off}");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_costs_one_refresh() {
    for jump in [-HOUR, HOUR] {
        let issuer = TestIssuer::start().await;
        let place = Place::of(&issuer);
        let (one, other) = (place.process(provider(&issuer)), place.process(provider(&issuer)));
        text(&one).await.expect("fresh");
        place.clock_off_by.store(jump, Ordering::SeqCst);
        for _ in 0..3 {
            text(&other).await.expect("fresh");
            text(&one).await.expect("fresh");
        }
        assert_eq!(requests(&issuer), 2, "{jump}");
        if jump > 0 {
            // After standby only the time of day shows how much has passed.
            assert_eq!(text(&one).await.as_deref(), Ok("access-2"), "what was in memory has ended");
        }
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_keep_an_old_token_alive() {
    let issuer = TestIssuer::start().await;
    *issuer.world.expires_in.lock().expect("free") = 2;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    let first = custodian.ensure_fresh(Duration::ZERO).await.expect("fresh");
    place.clock_off_by.store(-HOUR, Ordering::SeqCst);
    // By the clock it lasts for another hour. Time that has passed says otherwise.
    let deadline = Instant::now() + MINUTE;
    loop {
        let token = custodian.ensure_fresh(Duration::ZERO).await.expect("fresh");
        if token.secret().expose_secret() != first.secret().expose_secret() {
            break;
        }
        assert!(Instant::now() < deadline, "the old token is handed out for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
