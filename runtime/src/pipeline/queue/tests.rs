use super::courier::Delivery;
use super::*;
use std::sync::mpsc;
use std::time::Duration;

/// Answers as it is told, and tells of what it got.
struct Scripted {
    answers: mpsc::Receiver<Delivery>,
    got: mpsc::Sender<Vec<u8>>,
}

impl Courier for Scripted {
    fn deliver(&mut self, parcel: &Parcel, _: Instant) -> Delivery {
        let _ = self.got.send(parcel.body.clone());
        match self.answers.recv() {
            Ok(answer) => answer,
            Err(_) => panic!("nobody answers"),
        }
    }
}

fn scripted(limits: Limits) -> (Outbox, mpsc::Sender<Delivery>, mpsc::Receiver<Vec<u8>>) {
    let (answer, answers) = mpsc::channel();
    let (got, received) = mpsc::channel();
    let outbox = Outbox::start("test", limits, Scripted { answers, got }).expect("a thread");
    (outbox, answer, received)
}

fn parcel(signal: Signal, body: &[u8]) -> Parcel {
    Parcel {
        signal,
        items: 1,
        body: body.to_vec(),
        mark: 0,
    }
}

fn account(outbox: &Outbox, signal: Signal) -> Account {
    let health = outbox.ledger().read_for_tests();
    health.accounts.get(&signal).cloned().unwrap_or_default()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

fn quick() -> Limits {
    Limits {
        pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        give_up: Duration::from_millis(4),
        ..Limits::default()
    }
}

#[test]
fn what_is_refused_is_counted_by_reason() {
    let (outbox, answer, _got) = scripted(quick());
    for delivery in [
        Delivery::Done,
        Delivery::Refused(why::SEND_ERROR),
        Delivery::Done,
    ] {
        outbox.put(parcel(Signal::Spans, b"x"));
        answer.send(delivery).expect("open");
    }
    assert!(outbox.flush(soon()));
    let account = account(&outbox, Signal::Spans);
    assert_eq!(
        (account.accepted, account.delivered, account.queued),
        (3, 2, 0)
    );
    assert_eq!(account.dropped[why::SEND_ERROR], 1);
}

#[test]
fn bytes_count_once_they_are_taken() {
    let (outbox, answer, _got) = scripted(quick());
    for (body, deliveries) in [
        (&b"four"[..], vec![Delivery::Again(None), Delivery::Done]),
        (b"refused", vec![Delivery::Refused(why::SEND_ERROR)]),
        (b"partly", vec![Delivery::Partly { refused: 1 }]),
    ] {
        outbox.put(parcel(Signal::Spans, body));
        for delivery in deliveries {
            answer.send(delivery).expect("open");
        }
    }
    assert!(outbox.flush(soon()));
    let account = account(&outbox, Signal::Spans);
    assert_eq!((account.requests, account.sent_bytes), (2, 10));
    assert_eq!(
        account.accepted,
        account.delivered + account.dropped.values().sum::<u64>()
    );
}

#[test]
fn c11_logs_do_not_crowd_out_errors() {
    let limits = Limits {
        bytes: 100,
        ..quick()
    };
    let (outbox, answer, got) = scripted(limits);
    // The courier has this one in its hands.
    outbox.put(parcel(Signal::Logs, b"first"));
    assert_eq!(
        got.recv_timeout(Duration::from_secs(10)).expect("sent"),
        b"first"
    );
    outbox.put(parcel(Signal::Errors, b"error"));
    (0..1000).for_each(|_| outbox.put(parcel(Signal::Logs, &[b'x'; 10])));
    for _ in 0..12 {
        answer.send(Delivery::Done).expect("open");
    }
    assert!(outbox.flush(soon()));
    assert_eq!(
        got.recv_timeout(Duration::from_secs(10)).expect("sent"),
        b"error"
    );
    let logs = account(&outbox, Signal::Logs);
    assert_eq!(logs.dropped[why::QUEUE_FULL], 990);
    assert_eq!((logs.accepted, logs.delivered), (1001, 11));
}

#[test]
fn a_backend_that_comes_back_gets_what_waited() {
    let (outbox, answer, got) = scripted(quick());
    outbox.put(parcel(Signal::Spans, b"one"));
    answer.send(Delivery::Again(None)).expect("open");
    answer.send(Delivery::Done).expect("open");
    for _ in 0..2 {
        assert_eq!(
            got.recv_timeout(Duration::from_secs(10)).expect("sent"),
            b"one"
        );
    }
    assert!(outbox.flush(soon()));
    assert_eq!(account(&outbox, Signal::Spans).delivered, 1);
}

#[test]
fn a_backend_that_stays_away_is_given_up() {
    let (outbox, answer, _got) = scripted(quick());
    outbox.put(parcel(Signal::Spans, b"one"));
    for _ in 0..20 {
        let _ = answer.send(Delivery::Again(None));
    }
    let deadline = soon();
    while account(&outbox, Signal::Spans).queued > 0 {
        assert!(Instant::now() < deadline, "never given up");
        std::thread::yield_now();
    }
    assert_eq!(
        account(&outbox, Signal::Spans).dropped[why::NETWORK_ERROR],
        1
    );
}

#[test]
fn r22_a_courier_that_panics_keeps_its_place() {
    let (outbox, answer, _got) = scripted(quick());
    outbox.put(parcel(Signal::Spans, b"one"));
    drop(answer);
    assert!(outbox.flush(soon()));
    assert_eq!(account(&outbox, Signal::Spans).dropped[why::INTERNAL], 1);
    outbox.put(parcel(Signal::Spans, b"two"));
    assert!(outbox.flush(soon()));
    assert_eq!(account(&outbox, Signal::Spans).dropped[why::INTERNAL], 2);
}

#[test]
fn x01_x02_r07_the_end_waits_for_nothing_that_hangs() {
    let (outbox, _answer, got) = scripted(quick());
    for _ in 0..3 {
        outbox.put(parcel(Signal::Errors, b"one"));
    }
    got.recv_timeout(Duration::from_secs(10)).expect("sent");
    let deadline = Instant::now() + Duration::from_millis(50);
    outbox.close(deadline);
    outbox.wait(deadline);
    assert!(Instant::now() < deadline + Duration::from_secs(5));
    let account = account(&outbox, Signal::Errors);
    // The third is still in the courier's hands, for ever.
    assert_eq!(account.dropped[why::SHUTDOWN] + account.queued, 3);
    outbox.put(parcel(Signal::Errors, b"late"));
    assert_eq!(account_of(&outbox).0, account_of(&outbox).1);
}

/// Accepted, and the sum of what became of it.
fn account_of(outbox: &Outbox) -> (u64, u64) {
    let account = account(outbox, Signal::Errors);
    let dropped: u64 = account.dropped.values().sum();
    (
        account.accepted,
        account.delivered + dropped + account.queued,
    )
}

#[test]
fn r14_every_parcel_is_accounted_for_however_the_end_races() {
    for round in 0..1000 {
        let (outbox, answer, _got) = scripted(quick());
        let feeders: Vec<_> = (0..8)
            .map(|_| {
                let outbox = outbox.clone();
                std::thread::spawn(move || {
                    (0..10).for_each(|_| outbox.put(parcel(Signal::Errors, b"x")));
                })
            })
            .collect();
        for _ in 0..round % 90 {
            let _ = answer.send(Delivery::Done);
        }
        drop(answer);
        let deadline = soon();
        outbox.close(deadline);
        outbox.wait(deadline);
        feeders
            .into_iter()
            .for_each(|feeder| feeder.join().expect("no panic"));
        let (accepted, accounted) = account_of(&outbox);
        assert_eq!((accepted, accounted), (80, 80));
        assert_eq!(account(&outbox, Signal::Errors).queued, 0);
    }
}
