use super::transport::SendResult;
use super::*;
use std::sync::mpsc;
use std::time::Duration;

/// A transport that returns scripted results, and forwards the bodies that it is asked to send.
struct Scripted {
    results: mpsc::Receiver<SendResult>,
    sent: mpsc::Sender<Vec<u8>>,
}

impl Transport for Scripted {
    fn send(&mut self, batch: &QueuedBatch, _: Instant) -> SendResult {
        let _ = self.sent.send(batch.body.clone());
        self.results.recv().expect("a scripted result")
    }
}

fn scripted(
    limits: Limits,
) -> (
    ExportQueue,
    mpsc::Sender<SendResult>,
    mpsc::Receiver<Vec<u8>>,
) {
    let (script, results) = mpsc::channel();
    let (sent, received) = mpsc::channel();
    let queue = ExportQueue::start("test", limits, Scripted { results, sent }).expect("a thread");
    (queue, script, received)
}

fn batch(signal: Signal, body: &[u8]) -> QueuedBatch {
    QueuedBatch {
        signal,
        items: 1,
        body: body.to_vec(),
        endpoint: 0,
    }
}

fn account(queue: &ExportQueue, signal: Signal) -> Account {
    let health = queue.stats().read_for_tests();
    health.accounts.get(&signal).cloned().unwrap_or_default()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

fn quick() -> Limits {
    Limits {
        pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        retry_for: Duration::from_millis(4),
        ..Limits::default()
    }
}

#[test]
fn refused_batches_are_counted_by_reason() {
    let (queue, script, _got) = scripted(quick());
    for result in [
        SendResult::Done,
        SendResult::Refused(why::SEND_ERROR),
        SendResult::Done,
    ] {
        queue.put(batch(Signal::Spans, b"x"));
        script.send(result).expect("open");
    }
    assert!(queue.flush(soon()));
    let account = account(&queue, Signal::Spans);
    assert_eq!(
        (account.accepted, account.delivered, account.queued),
        (3, 2, 0)
    );
    assert_eq!(account.dropped[why::SEND_ERROR], 1);
}

#[test]
fn bytes_are_counted_once_the_backend_accepts_them() {
    let (queue, script, _got) = scripted(quick());
    for (body, results) in [
        (
            &b"four"[..],
            vec![SendResult::Retry(None), SendResult::Done],
        ),
        (b"refused", vec![SendResult::Refused(why::SEND_ERROR)]),
        (b"partly", vec![SendResult::Partly { refused: 1 }]),
    ] {
        queue.put(batch(Signal::Spans, body));
        for result in results {
            script.send(result).expect("open");
        }
    }
    assert!(queue.flush(soon()));
    let account = account(&queue, Signal::Spans);
    assert_eq!((account.requests, account.sent_bytes), (2, 10));
    assert_eq!(
        account.accepted,
        account.delivered + account.dropped.values().sum::<u64>()
    );
}

#[test]
fn c11_logs_do_not_displace_errors() {
    let limits = Limits {
        bytes: 100,
        ..quick()
    };
    let (queue, script, got) = scripted(limits);
    // The transport is sending this one.
    queue.put(batch(Signal::Logs, b"first"));
    assert_eq!(
        got.recv_timeout(Duration::from_secs(10)).expect("sent"),
        b"first"
    );
    queue.put(batch(Signal::Errors, b"error"));
    (0..1000).for_each(|_| queue.put(batch(Signal::Logs, &[b'x'; 10])));
    for _ in 0..12 {
        script.send(SendResult::Done).expect("open");
    }
    assert!(queue.flush(soon()));
    assert_eq!(
        got.recv_timeout(Duration::from_secs(10)).expect("sent"),
        b"error"
    );
    let logs = account(&queue, Signal::Logs);
    assert_eq!(logs.dropped[why::QUEUE_FULL], 990);
    assert_eq!((logs.accepted, logs.delivered), (1001, 11));
}

#[test]
fn queued_data_is_sent_when_the_backend_recovers() {
    let (queue, script, got) = scripted(quick());
    queue.put(batch(Signal::Spans, b"one"));
    script.send(SendResult::Retry(None)).expect("open");
    script.send(SendResult::Done).expect("open");
    for _ in 0..2 {
        assert_eq!(
            got.recv_timeout(Duration::from_secs(10)).expect("sent"),
            b"one"
        );
    }
    assert!(queue.flush(soon()));
    assert_eq!(account(&queue, Signal::Spans).delivered, 1);
}

#[test]
fn data_is_dropped_after_the_retry_limit() {
    let (queue, script, _got) = scripted(quick());
    queue.put(batch(Signal::Spans, b"one"));
    for _ in 0..20 {
        let _ = script.send(SendResult::Retry(None));
    }
    let deadline = soon();
    while account(&queue, Signal::Spans).queued > 0 {
        assert!(Instant::now() < deadline, "never dropped");
        std::thread::yield_now();
    }
    assert_eq!(
        account(&queue, Signal::Spans).dropped[why::NETWORK_ERROR],
        1
    );
}

#[test]
fn r22_a_transport_that_panics_is_called_again() {
    let (queue, script, _got) = scripted(quick());
    queue.put(batch(Signal::Spans, b"one"));
    drop(script);
    assert!(queue.flush(soon()));
    assert_eq!(account(&queue, Signal::Spans).dropped[why::INTERNAL], 1);
    queue.put(batch(Signal::Spans, b"two"));
    assert!(queue.flush(soon()));
    assert_eq!(account(&queue, Signal::Spans).dropped[why::INTERNAL], 2);
}

#[test]
fn x01_x02_r07_shutdown_does_not_wait_for_a_transport_that_hangs() {
    let (queue, _script, got) = scripted(quick());
    for _ in 0..3 {
        queue.put(batch(Signal::Errors, b"one"));
    }
    got.recv_timeout(Duration::from_secs(10)).expect("sent");
    let deadline = Instant::now() + Duration::from_millis(50);
    queue.close(deadline);
    queue.wait(deadline);
    assert!(Instant::now() < deadline + Duration::from_secs(5));
    let account = account(&queue, Signal::Errors);
    // The transport never finishes sending the third.
    assert_eq!(account.dropped[why::SHUTDOWN] + account.queued, 3);
    queue.put(batch(Signal::Errors, b"late"));
    assert_eq!(account_of(&queue).0, account_of(&queue).1);
}

/// Returns the number of accepted items, and the sum of delivered, dropped and queued ones.
fn account_of(queue: &ExportQueue) -> (u64, u64) {
    let account = account(queue, Signal::Errors);
    let dropped: u64 = account.dropped.values().sum();
    (
        account.accepted,
        account.delivered + dropped + account.queued,
    )
}

#[test]
fn r14_every_batch_is_counted_when_shutdown_races_with_puts() {
    for round in 0..1000 {
        let (queue, script, _got) = scripted(quick());
        let feeders: Vec<_> = (0..8)
            .map(|_| {
                let queue = queue.clone();
                std::thread::spawn(move || {
                    (0..10).for_each(|_| queue.put(batch(Signal::Errors, b"x")));
                })
            })
            .collect();
        for _ in 0..round % 90 {
            let _ = script.send(SendResult::Done);
        }
        drop(script);
        let deadline = soon();
        queue.close(deadline);
        queue.wait(deadline);
        feeders
            .into_iter()
            .for_each(|feeder| feeder.join().expect("no panic"));
        let (accepted, accounted) = account_of(&queue);
        assert_eq!((accepted, accounted), (80, 80));
        assert_eq!(account(&queue, Signal::Errors).queued, 0);
    }
}
