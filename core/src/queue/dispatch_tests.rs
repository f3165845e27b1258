use std::future::Future;
use std::pin::Pin;

use super::*;
use crate::queue::carrier::{Carriage, Carried, Destination};
use crate::retry::RetryPolicy;
use crate::store::{MessageKey, Trigger};

const NOW: Millis = 1_000_000;

/// Nothing is attempted here.
struct Nowhere(RetryPolicy);

impl Destination for Nowhere {
    fn carry<'c>(&'c self, _: &'c Carriage<'c>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'c>> {
        Box::pin(std::future::pending())
    }

    fn policy(&self) -> &RetryPolicy {
        &self.0
    }
}

fn target(concurrency: u32, ordered: bool, tenant: Option<&str>) -> Arc<Target> {
    Arc::new(Target {
        to: Arc::new(Nowhere(RetryPolicy::none())),
        tenant: tenant.map(Arc::from),
        generation: 0,
        concurrency,
        rate: None,
        ordered,
        valid_until: Millis::MAX,
    })
}

fn work(endpoint: i64, id: i64) -> Work {
    Work {
        id: DeliveryId(id),
        endpoint: EndpointId(endpoint),
        message: MessageKey(id),
        trigger: Trigger::Event,
        attempts: 0,
        lost: 0,
        in_line: false,
        was_lost: false,
        begun_at: None,
        parcel: None,
    }
}

fn filling(target: Option<Arc<Target>>, works: Vec<Work>) -> Option<Filling> {
    Some(Filling { target, works, upto: None, next_due: None })
}

/// A dispatcher whose lanes are empty and read.
fn ready(slots: usize, targets: &[Arc<Target>]) -> Dispatch {
    let mut dispatch = Dispatch::new(slots, true);
    dispatch.open();
    for (endpoint, target) in (1..).zip(targets) {
        dispatch.due_at(EndpointId(endpoint), NOW, NOW);
        let read = dispatch.reads().pop().unwrap();
        dispatch.fill(&read, filling(Some(target.clone()), Vec::new()), NOW);
    }
    dispatch
}

fn picked(dispatch: &mut Dispatch) -> Vec<i64> {
    std::iter::from_fn(|| dispatch.next(NOW)).map(|grant| grant.work.id.0).collect()
}

/// Ends a request and commits its outcome.
fn finish(dispatch: &mut Dispatch, grant: &Grant, retry_at: Option<Millis>) {
    dispatch.landed(grant.slot, Duration::ZERO, false, NOW);
    dispatch.settled(grant.work.endpoint, grant.work.id, retry_at, NOW);
}

#[test]
fn what_was_committed_leaves_without_a_read_and_within_the_limit() {
    let mut dispatch = ready(10, &[target(2, false, None)]);
    for id in 1..=3 {
        dispatch.add(work(1, id), NOW);
    }
    let first = dispatch.next(NOW).unwrap();
    assert_eq!((first.work.id.0, picked(&mut dispatch)), (1, vec![2]));
    finish(&mut dispatch, &first, None);
    assert_eq!(picked(&mut dispatch), [3]);
    assert!(dispatch.reads().is_empty());
}

#[test]
fn a_read_that_was_overtaken_repeats_nothing() {
    let mut dispatch = ready(10, &[target(8, false, None)]);
    dispatch.add(work(1, 1), NOW);
    dispatch.add(work(1, 2), NOW);
    let grant = dispatch.next(NOW).unwrap();
    assert_eq!(picked(&mut dispatch), [2]);
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let read = dispatch.reads().pop().unwrap();
    // The first one is settled while the store is read, the second on its way; the third is new.
    finish(&mut dispatch, &grant, None);
    dispatch.fill(&read, filling(None, vec![work(1, 1), work(1, 2), work(1, 3)]), NOW);
    dispatch.add(work(1, 3), NOW);
    assert_eq!(picked(&mut dispatch), [3]);
    dispatch.add(work(1, 3), NOW);
    assert_eq!(picked(&mut dispatch), [0; 0], "nor is one added that was read and left");
}

#[test]
fn what_came_during_a_read_leaves_after_it() {
    let mut dispatch = ready(10, &[target(8, false, None)]);
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let read = dispatch.reads().pop().unwrap();
    dispatch.add(work(1, 1), NOW);
    dispatch.add(work(1, 2), NOW);
    dispatch.add(work(1, 3), NOW);
    dispatch.forget(EndpointId(1), DeliveryId(3));
    // The read saw the first of them.
    dispatch.fill(&read, filling(None, vec![work(1, 1)]), NOW);
    assert_eq!(picked(&mut dispatch), [1, 2]);
    assert!(dispatch.reads().is_empty());
}

#[test]
fn what_came_during_a_read_that_is_not_the_last_is_read_in_its_turn() {
    let mut dispatch = ready(10, &[target(8, false, None)]);
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let read = dispatch.reads().pop().unwrap();
    dispatch.add(work(1, 9), NOW);
    let part = Filling { upto: Some((NOW, DeliveryId(1))), ..filling(None, vec![work(1, 1)]).unwrap() };
    dispatch.fill(&read, Some(part), NOW);
    assert_eq!(picked(&mut dispatch), [1]);
    let read = dispatch.reads().pop().expect("the rest is read");
    dispatch.fill(&read, filling(None, vec![work(1, 2), work(1, 9)]), NOW);
    assert_eq!(picked(&mut dispatch), [2, 9]);
}

#[test]
fn what_came_for_an_endpoint_that_is_not_active_waits_in_the_store() {
    let mut dispatch = Dispatch::new(10, true);
    dispatch.open();
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let read = dispatch.reads().pop().unwrap();
    dispatch.add(work(1, 1), NOW);
    dispatch.fill(&read, filling(None, Vec::new()), NOW);
    assert_eq!(picked(&mut dispatch), [0; 0]);
    assert!(dispatch.is_idle());
}

#[test]
fn reads_from_before_a_change_do_not_count() {
    let mut dispatch = ready(10, &[target(8, false, None)]);
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let before = dispatch.reads().pop().unwrap();
    dispatch.changed(EndpointId(1), NOW);
    let after = dispatch.reads().pop().unwrap();
    assert!(after.target);
    dispatch.fill(&before, filling(None, vec![work(1, 1)]), NOW);
    assert_eq!(picked(&mut dispatch), [0; 0]);
    // It was disabled.
    dispatch.fill(&after, filling(None, Vec::new()), NOW);
    assert!(dispatch.is_idle());
}

#[test]
fn order_waits_for_the_first_one_and_for_its_commit() {
    let mut dispatch = ready(10, &[target(1, true, None)]);
    dispatch.add(work(1, 2), NOW);
    assert_eq!(picked(&mut dispatch), [0; 0], "somebody else may have sent the first one");
    let read = dispatch.reads().pop().unwrap();
    dispatch.fill(&read, filling(None, vec![work(1, 1), work(1, 2)]), NOW);
    let grant = dispatch.next(NOW).unwrap();
    dispatch.give_back(grant.slot, grant.work.id, NOW);
    assert_eq!(picked(&mut dispatch), [0; 0], "the second waits for the first, which is read again");
    let read = dispatch.reads().pop().unwrap();
    dispatch.fill(&read, filling(None, vec![work(1, 1), work(1, 2)]), NOW);
    let grant = dispatch.next(NOW).unwrap();
    assert_eq!(grant.work.id.0, 1);
    dispatch.landed(grant.slot, Duration::ZERO, false, NOW);
    assert_eq!(picked(&mut dispatch), [0; 0]);
    dispatch.settled(EndpointId(1), DeliveryId(1), Some(NOW + 10), NOW);
    dispatch.add(work(1, 3), NOW);
    dispatch.tick(NOW + 9);
    assert_eq!(picked(&mut dispatch), [0; 0]);
    dispatch.reads();
    dispatch.tick(NOW + 10);
    // A read that began before is made again, so the last one counts.
    dispatch.changed(EndpointId(1), NOW + 10);
    let read = dispatch.reads().pop().unwrap();
    let works = (1..=3).map(|id| work(1, id)).collect();
    dispatch.fill(&read, filling(Some(target(1, true, None)), works), NOW + 10);
    assert_eq!(picked(&mut dispatch), [1]);
}

#[test]
fn tenants_take_turns() {
    let (big, small) = (target(9, false, Some("big")), target(9, false, Some("small")));
    let mut dispatch = ready(6, &[big.clone(), big.clone(), big, small]);
    for id in 0..16 {
        dispatch.add(work(1 + id % 4, id), NOW);
    }
    let endpoints: Vec<_> =
        std::iter::from_fn(|| dispatch.next(NOW)).map(|grant| grant.work.endpoint.0).collect();
    assert_eq!(endpoints.iter().filter(|endpoint| **endpoint == 4).count(), 3, "{endpoints:?}");
}

#[test]
fn slow_ones_share_a_quarter() {
    let mut dispatch = ready(8, &[target(8, false, None), target(8, false, None)]);
    dispatch.add(work(1, 1), NOW);
    let grant = dispatch.next(NOW).unwrap();
    dispatch.landed(grant.slot, Duration::from_secs(60), false, NOW);
    dispatch.settled(EndpointId(1), DeliveryId(1), None, NOW);
    for id in 10..20 {
        dispatch.add(work(1, id), NOW);
        dispatch.add(work(2, id + 100), NOW);
    }
    let ids = picked(&mut dispatch);
    assert_eq!(ids.len(), 8);
    assert_eq!(ids.iter().filter(|id| **id < 100).count(), 2, "{ids:?}");
}

#[test]
fn an_endpoint_that_times_out_is_probed() {
    let mut dispatch = ready(64, &[target(8, false, None)]);
    for id in 0..20 {
        dispatch.add(work(1, id), NOW);
    }
    let grants: Vec<_> = std::iter::from_fn(|| dispatch.next(NOW)).collect();
    assert_eq!(grants.len(), 8);
    for grant in &grants {
        dispatch.landed(grant.slot, Duration::from_millis(100), true, NOW);
        dispatch.settled(EndpointId(1), grant.work.id, None, NOW);
    }
    let probe = dispatch.next(NOW).unwrap();
    assert!(dispatch.next(NOW).is_none());
    finish(&mut dispatch, &probe, None);
    assert_eq!(picked(&mut dispatch).len(), 8);
}

#[test]
fn outcomes_that_wait_for_their_commit_are_limited() {
    let mut dispatch = ready(2, &[target(100, false, None)]);
    for id in 0..20 {
        dispatch.add(work(1, id), NOW);
    }
    let mut landed = 0;
    while let Some(grant) = dispatch.next(NOW) {
        dispatch.landed(grant.slot, Duration::ZERO, false, NOW);
        landed += 1;
    }
    assert_eq!(landed, 2 * UNSETTLED_PER_SLOT);
    dispatch.settled(EndpointId(1), DeliveryId(0), None, NOW);
    assert!(dispatch.next(NOW).is_some());
}

#[test]
fn nothing_leaves_while_it_is_closed() {
    let mut dispatch = ready(2, &[target(8, false, None)]);
    dispatch.add(work(1, 1), NOW);
    dispatch.close();
    assert_eq!(picked(&mut dispatch), [0; 0]);
    dispatch.changed(EndpointId(1), NOW);
    assert!(dispatch.reads().is_empty());
}

#[test]
fn a_lane_that_somebody_else_has_is_left_alone() {
    let mut dispatch = ready(10, &[target(1, false, None), target(1, false, None)]);
    for endpoint in [1, 2] {
        dispatch.add(work(endpoint, endpoint), NOW);
        dispatch.add(work(endpoint, endpoint + 2), NOW);
    }
    let (one, two) = (dispatch.next(NOW).unwrap(), dispatch.next(NOW).unwrap());
    dispatch.revoke(EndpointId(1));
    dispatch.retire(EndpointId(2));
    assert!(!dispatch.has_retired(), "its outcome is not committed");
    dispatch.all_changed(NOW);
    assert!(dispatch.reads().is_empty() && picked(&mut dispatch).is_empty(), "not by what we hear of it");
    finish(&mut dispatch, &one, None);
    finish(&mut dispatch, &two, None);
    assert_eq!(picked(&mut dispatch), [0; 0]);
    assert!(dispatch.has_retired() && dispatch.reads().is_empty());
    assert_eq!(dispatch.retired(), [EndpointId(2)]);
    assert!(!dispatch.has_retired() && dispatch.is_idle());

    // It comes back, and is read as if it were new.
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let read = dispatch.reads().pop().unwrap();
    assert!(read.target);
    dispatch.fill(&read, filling(Some(target(1, false, None)), vec![work(1, 3)]), NOW);
    assert_eq!(picked(&mut dispatch), [3]);
}

#[test]
fn nothing_leaves_after_the_lanes_have_run_out() {
    let mut dispatch = ready(10, &[target(8, false, None)]);
    dispatch.add(work(1, 1), NOW);
    dispatch.until(Some(Instant::now()));
    assert_eq!(picked(&mut dispatch), [0; 0]);
    dispatch.until(Some(Instant::now() + Duration::from_secs(60)));
    assert_eq!(picked(&mut dispatch), [1]);
}

#[test]
fn a_change_of_an_ordered_endpoint_lets_nothing_pass_what_fails_meanwhile() {
    let mut dispatch = ready(10, &[target(1, true, None)]);
    dispatch.due_at(EndpointId(1), NOW, NOW);
    let read = dispatch.reads().pop().unwrap();
    dispatch.fill(&read, filling(None, vec![work(1, 1), work(1, 2)]), NOW);
    let first = dispatch.next(NOW).unwrap();

    // The endpoint is read anew while its first delivery is on its way, and fails before the read is back.
    dispatch.changed(EndpointId(1), NOW);
    let read = dispatch.reads().pop().unwrap();
    finish(&mut dispatch, &first, Some(NOW + 100));
    let stale = filling(Some(target(1, true, None)), vec![work(1, 1), work(1, 2)]);
    dispatch.fill(&read, stale, NOW);
    assert_eq!(picked(&mut dispatch), [0; 0]);

    // Now it is seen that the first one waits.
    let read = dispatch.reads().pop().unwrap();
    let seen =
        Filling { target: Some(target(1, true, None)), works: vec![], upto: None, next_due: Some(NOW + 100) };
    dispatch.fill(&read, Some(seen), NOW);
    assert_eq!(picked(&mut dispatch), [0; 0]);
    dispatch.tick(NOW + 100);
    let read = dispatch.reads().pop().unwrap();
    dispatch.fill(&read, filling(None, vec![work(1, 1), work(1, 2)]), NOW + 100);
    assert_eq!(picked(&mut dispatch), [1]);
}
