//! Kills the sending process again and again, and looks whether anything was lost.
//!
//! The child is this test's own binary. It says on standard output what `send` returned for; the receiver and the
//! judge live here. Without the feature `failpoints` the kills are at random and while a request is on its way.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver as Lines};
use std::time::{Duration, Instant};

use hookseal::Code;
use hookseal::sender::{NewEndpoint, SendOptions, Sender, SenderOptions};
use hookseal::store::{DeliveryQuery, DeliveryState};
use serde_json::json;

use crate::receiver::Receiver;
use crate::{Place, create, endpoint, options, retries};

/// Requests on their way at once, and twice as many whose outcome is not committed.
const CONCURRENCY: usize = 8;
const IN_FLIGHT: usize = 3 * CONCURRENCY;
const PER_ROUND: usize = 400;

/// Where a round ends.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// At a time.
    After(Duration),
    /// When the receiver has read its n-th request of the round, before it answers.
    AtRequest(usize),
    /// When the child comes to this place for the n-th time.
    #[cfg_attr(not(feature = "failpoints"), expect(dead_code, reason = "there are no such places"))]
    At(&'static str, u32),
}

#[test]
fn child() {
    let Ok(url) = std::env::var("HOOKSEAL_CRASH_STORE") else { return };
    let round = std::env::var("HOOKSEAL_CRASH_ROUND").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!();
    runtime.block_on(async {
        let sender = open(&url);
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..16 {
            let (sender, next, round) = (sender.clone(), next.clone(), round.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= PER_ROUND {
                        return;
                    }
                    let id = format!("evt_{round}_{number}");
                    let options = SendOptions { id: Some(&id), ..SendOptions::default() };
                    sender.send("a", &json!({"id": id, "pad": "x".repeat(500)}), &options).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "sent {id}").unwrap();
                    out.flush().unwrap();
                }
            });
        }
        std::future::pending::<()>().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_process_is_killed() {
    let rounds = std::env::var("HOOKSEAL_CRASH_ROUNDS").map_or(20, |text| text.parse().unwrap());
    let place = Place::sqlite();
    let trap = Arc::new(Trap::default());
    let receiver = Receiver::start({
        let trap = trap.clone();
        // One in ten fails, so that there are always retries on the books.
        move |number, _| {
            let pause = if trap.spring() { Duration::from_millis(200) } else { Duration::from_millis(2) };
            (if number % 10 == 9 { 500 } else { 200 }, pause)
        }
    })
    .await;
    {
        let sender = open(&place.url);
        let new = NewEndpoint {
            retry: Some(retries(&[40; 50])),
            concurrency: Some(CONCURRENCY as u32),
            ..endpoint(&receiver.url())
        };
        create(&sender, new).await;
        sender.close().await.unwrap();
    }
    let mut random = Random::new();
    let mut sent = HashSet::new();
    let mut reached: HashMap<&str, usize> = HashMap::new();
    let begun = Instant::now();
    for round in 0..rounds {
        let kill = random.kill(round);
        let (place, trap) = (place.url.clone(), trap.clone());
        let life = tokio::task::spawn_blocking(move || run(&place, round, kill, &trap)).await.unwrap();
        sent.extend(life.sent);
        *reached.entry(kill.name()).or_default() += usize::from(life.came_to_its_end);
    }
    println!("{rounds} rounds, {} messages, {:?}, {reached:?}", sent.len(), begun.elapsed());
    // A place that nobody comes to would prove nothing. It may be missed where all was sent before.
    assert!(rounds < 20 || reached.values().all(|times| *times > 0), "{reached:?}");
    judge(&place, &receiver, &sent, rounds).await;
}

impl Kill {
    fn name(self) -> &'static str {
        match self {
            Self::After(_) => "at a time",
            // The request has left, and there is no response.
            Self::AtRequest(_) => "at a request",
            Self::At(place, _) => place,
        }
    }
}

/// A life of the child.
struct Life {
    /// What it said it had sent.
    sent: Vec<String>,
    /// Whether it was killed where it was meant to be.
    came_to_its_end: bool,
}

fn run(url: &str, round: usize, kill: Kill, trap: &Trap) -> Life {
    let (mut child, lines) = start(url, round, kill);
    let begun = Instant::now();
    trap.set(match kill {
        Kill::AtRequest(nth) => nth,
        _ => usize::MAX,
    });
    let mut sent = Vec::new();
    let end = match kill {
        Kill::After(time) => time,
        // Some places are not reached again once all is sent.
        _ => Duration::from_secs(3),
    };
    let mut stopped = matches!(kill, Kill::After(_));
    while begun.elapsed() < end && !trap.is_sprung() {
        match lines.recv_timeout(Duration::from_millis(1)) {
            Ok(line) if line.starts_with("failpoint ") => {
                stopped = true;
                break;
            }
            Ok(line) => sent.extend(line.strip_prefix("sent ").map(str::to_owned)),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the child ended by itself: {kill:?}"),
        }
    }
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts.
    sent.extend(lines.iter().filter_map(|line| line.strip_prefix("sent ").map(str::to_owned)));
    Life { sent, came_to_its_end: stopped || trap.is_sprung() }
}

fn start(url: &str, round: usize, kill: Kill) -> (Child, Lines<String>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["crash::child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env("HOOKSEAL_CRASH_STORE", url).env("HOOKSEAL_CRASH_ROUND", round.to_string());
    if let Kill::At(name, nth) = kill {
        command.env("HOOKSEAL_FAILPOINT", format!("{name}:{nth}"));
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (tell, lines) = mpsc::channel();
    std::thread::spawn(move || {
        // A line that was cut off by the kill has no end, and does not count.
        for line in out.split(b'\n').map_while(Result::ok) {
            if tell.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
    (child, lines)
}

async fn judge(place: &Place, receiver: &Receiver, sent: &HashSet<String>, rounds: usize) {
    let sender = open(&place.url);
    assert!(sender.wait_idle(Some(Duration::from_secs(50))).await.unwrap());
    let requests = receiver.requests();
    let mut bodies: HashMap<String, Vec<u8>> = HashMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for request in requests {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["data"]["id"], request.id(), "and with those of its own message");
        let known = bodies.entry(request.id()).or_insert_with(|| request.body.clone());
        assert_eq!(*known, request.body, "an id always comes with the same bytes");
        *seen.entry(request.id()).or_default() += 1;
    }
    let lost: Vec<_> = sent.iter().filter(|id| !seen.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} were lost: {lost:?}", lost.len());

    let (mut cursor, mut logged, mut total) = (None, 0, 0);
    loop {
        let page = sender.deliveries().list(DeliveryQuery::default(), cursor, 500).await.unwrap();
        for delivery in page.items {
            assert_eq!(delivery.state, DeliveryState::Delivered, "{delivery:?}");
            let arrived = seen[&delivery.message_id];
            let attempts = sender.deliveries().get(delivery.id).await.unwrap().attempts;
            let gone = attempts
                .iter()
                .filter(|attempt| attempt.error.as_ref().map(|e| e.code()) == Some(Code::Lost));
            let gone = gone.count();
            assert!(attempts.len() <= arrived + gone, "{} attempts, {arrived} requests", attempts.len());
            logged += attempts.len();
            total += arrived;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let repeats = total - logged;
    println!("{logged} attempts in the log, {repeats} requests repeated");
    assert!(repeats <= rounds * IN_FLIGHT, "{repeats} repeats in {rounds} rounds");
    sender.close().await.unwrap();
}

fn open(url: &str) -> Sender {
    let mut options: SenderOptions = options();
    options.concurrency = CONCURRENCY;
    let sender = Sender::open(url, options).unwrap();
    sender.start().unwrap();
    sender
}

/// Snaps when the receiver has read so many requests.
#[derive(Default)]
struct Trap {
    left: AtomicUsize,
}

impl Trap {
    fn set(&self, nth: usize) {
        self.left.store(nth, Ordering::SeqCst);
    }

    fn spring(&self) -> bool {
        let counted = |left| (left > 0 && left < usize::MAX).then(|| left - 1);
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, counted) == Ok(1)
    }

    fn is_sprung(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
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
        const PLACES: [&str; 5] = [
            "after_enqueue_commit",
            "after_claim",
            "after_response",
            "before_outcome_commit",
            "after_outcome_commit",
        ];
        #[cfg(feature = "failpoints")]
        if round % 8 < PLACES.len() {
            return Kill::At(PLACES[round % 8], 1 + self.below(20) as u32);
        }
        match round % 2 {
            0 => Kill::AtRequest(1 + self.below(200) as usize),
            _ => Kill::After(Duration::from_millis(30 + self.below(400))),
        }
    }
}
