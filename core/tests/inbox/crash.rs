//! Kills the process again and again while events pour in and handlers run: every event that was acknowledged is handled.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use hookseal::Code;
use hookseal::inbox::{EventQuery, EventStatus, Inbox};

use crate::child::{CONCURRENCY, Child, handle, open};
use crate::{Place, detail, status};

/// Handlers that run, and twice as many whose outcome is not committed.
const IN_FLIGHT: usize = 3 * CONCURRENCY;

/// Where a round ends.
#[derive(Clone, Copy, Debug)]
enum Kill {
    After(Duration),
    /// When the child comes to this place for the n-th time.
    #[cfg_attr(not(feature = "failpoints"), expect(dead_code, reason = "there are no such places"))]
    At(&'static str, u32),
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_file_nothing_is_lost() {
    rounds_on(Place::sqlite()).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_database_nothing_is_lost() {
    rounds_on(Place::postgres()).await;
}

async fn rounds_on(place: Place) {
    let rounds = std::env::var("HOOKSEAL_CRASH_ROUNDS").map_or(20, |text| text.parse().unwrap());
    let directory = crate::Directory::new();
    let log = directory.0.join("handled").to_str().unwrap().to_owned();
    let mut random = Random::new();
    let (mut acknowledged, mut reached) = (HashSet::new(), HashMap::<_, usize>::new());
    let begun = Instant::now();
    for round in 0..rounds {
        let kill = random.kill(round);
        let (url, log) = (place.url.clone(), log.clone());
        let life = tokio::task::spawn_blocking(move || live(&url, &log, round, kill)).await.unwrap();
        acknowledged.extend(life.0);
        let name = if let Kill::At(name, _) = kill { name } else { "at a time" };
        *reached.entry(name).or_default() += usize::from(life.1);
    }
    println!("{rounds} rounds, {} events, {:?}, {reached:?}", acknowledged.len(), begun.elapsed());
    // A place that nobody comes to would prove nothing.
    assert!(rounds < 20 || reached.values().all(|times| *times > 0), "{reached:?}");
    judge(&place, &log, &acknowledged, rounds).await;
}

/// What was acknowledged, and whether it died where it was meant to.
fn live(url: &str, log: &str, round: usize, kill: Kill) -> (Vec<String>, bool) {
    let mut environment = vec![("HOOKSEAL_INBOX_LOG", log)];
    let failpoint = if let Kill::At(name, nth) = kill { format!("{name}:{nth}") } else { String::new() };
    environment.push(("HOOKSEAL_FAILPOINT", &failpoint));
    let mut child = Child::start(url, &format!("pour:{round}"), &environment);
    let begun = Instant::now();
    let end = if let Kill::After(time) = kill { time } else { Duration::from_secs(6) };
    let mut came = matches!(kill, Kill::After(_));
    let mut said = Vec::new();
    while begun.elapsed() < end {
        match child.line(Duration::from_millis(1)) {
            Ok(line) if line.starts_with("failpoint ") => {
                came = true;
                break;
            }
            Ok(line) => said.push(line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the child ended by itself: {kill:?}"),
        }
    }
    said.extend(child.kill());
    (said.iter().filter_map(|line| line.strip_prefix("got ").map(str::to_owned)).collect(), came)
}

async fn judge(place: &Place, log: &str, acknowledged: &HashSet<String>, rounds: usize) {
    let inbox = open(&place.url);
    handle(&inbox, log);
    inbox.start().unwrap();
    drained(&inbox).await;
    let mut handled: HashMap<String, usize> = HashMap::new();
    for id in std::fs::read_to_string(log).unwrap().lines() {
        *handled.entry(id.to_owned()).or_default() += 1;
    }
    let lost: Vec<_> = acknowledged.iter().filter(|id| !handled.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} were lost: {lost:?}", lost.len());
    let repeats: usize = handled.values().map(|times| times - 1).sum();
    println!("{} handled, {repeats} of them again", handled.len());
    assert!(repeats <= rounds * IN_FLIGHT, "{repeats} repeats in {rounds} rounds");

    let (mut cursor, mut lost) = (None, 0);
    loop {
        let page = inbox.events().list(&EventQuery::default(), cursor, 200).await.unwrap();
        for event in page.items {
            assert_eq!(event.status, EventStatus::Handled, "{event:?}");
            let tries = detail(&inbox, &event.id).await.tries;
            assert!(tries.last().unwrap().error.is_none());
            let gone = |try_: &&hookseal::inbox::Try| {
                try_.error.as_ref().is_some_and(|error| error.code() == Code::Lost)
            };
            lost += tries.iter().filter(gone).count();
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    // Where it dies at any time, it may never die while one runs.
    assert!(
        lost > 0 || cfg!(not(feature = "failpoints")),
        "the log tells of handlers that ended with their process"
    );
    inbox.close().await.unwrap();
}

/// Waits until nothing is pending, for as long as it becomes less: many lives leave a lot behind.
async fn drained(inbox: &Inbox) {
    let (begun, mut before) = (Instant::now(), inbox.stats().await.unwrap().pending);
    println!("{before} are pending when all lives are over");
    while !inbox.wait_idle(Some(Duration::from_secs(30))).await.unwrap() {
        let pending = inbox.stats().await.unwrap().pending;
        println!("{pending} are pending");
        assert!(pending < before, "it does not go on: {pending} are pending");
        before = pending;
    }
    println!("none after {:?}", begun.elapsed());
}

/// It dies with the process as often as the policy has tries, and then stays dead alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_kills_its_process_ends_as_failed() {
    let place = Place::sqlite();
    let mut deaths = 0;
    while !Child::start(&place.url, "poison:", &[]).ended_well() {
        deaths += 1;
        assert!(deaths <= 3, "it is tried for ever");
    }
    assert_eq!(deaths, 3, "as often as the policy says");
    let inbox = open(&place.url);
    let poison = detail(&inbox, "poison").await;
    assert_eq!((poison.event.status, poison.event.last_error), (EventStatus::Failed, Some(Code::Lost)));
    assert_eq!(poison.tries.len(), 3);
    for number in 0..20 {
        assert_eq!(status(&inbox, &format!("good_{number}")).await, EventStatus::Handled);
    }
    assert_eq!(inbox.notices().next().await.unwrap().id, "poison");
    inbox.close().await.unwrap();
}

struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = std::env::var("HOOKSEAL_CRASH_SEED").ok().and_then(|text| text.parse().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = seed.unwrap_or(now.as_nanos() as u64);
        println!("HOOKSEAL_CRASH_SEED={seed}");
        Self(seed | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }

    fn kill(&mut self, round: usize) -> Kill {
        #[cfg(feature = "failpoints")]
        {
            const PLACES: [&str; 6] = [
                "after_enqueue_commit",
                "after_claim",
                "after_begin",
                "after_handler",
                "before_outcome_commit",
                "after_outcome_commit",
            ];
            if round % 8 < PLACES.len() {
                return Kill::At(PLACES[round % 8], 1 + self.below(20) as u32);
            }
        }
        let _ = round;
        Kill::After(Duration::from_millis(100 + self.below(500)))
    }
}
