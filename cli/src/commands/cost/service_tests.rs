//! Reading the page of a running service.

use super::tests::{LATER, cost, earlier, near};
use super::*;
use crate::program::Scratch;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

/// Serves the answers one after another, each on its own connection.
fn serve(answers: Vec<String>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let server = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().expect("a client");
            let mut lines = BufReader::new(&stream).lines();
            asked.push(lines.next().expect("a request").expect("text"));
            lines
                .find(|line| line.as_ref().is_ok_and(String::is_empty))
                .expect("an end")
                .expect("text");
            (&stream).write_all(answer.as_bytes()).expect("a client");
        }
        asked
    });
    (address, server)
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

#[test]
fn a_running_service_is_read_twice() {
    let pages = vec![answer("200 OK", &earlier()), answer("200 OK", LATER)];
    let (address, server) = serve(pages);
    let usage = cost(&["--metrics", &address, "--over", "0.05"])
        .usage()
        .expect("usage");
    assert_eq!(
        server.join().expect("no panic"),
        ["GET /metrics HTTP/1.1"; 2]
    );
    assert!(usage.seconds >= 0.05 && near(usage.calls() * usage.seconds, 10_000.0));
}

#[test]
fn an_unreachable_or_other_service_is_an_error_of_one_line() {
    // A port on which nothing listens any more.
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("bound");
    let failure = fetch(&address(&free.to_string()))
        .expect_err("nothing listens")
        .to_string();
    assert!(
        failure.contains("cannot reach") && !failure.contains('\n'),
        "{failure}"
    );
    for (given, why) in [
        (answer("404 Not Found", "no"), "answers 404 Not Found"),
        (
            answer("200 OK", "<html>\n</html>\n"),
            "is not a page of Prometheus metrics: line 1: `<html>`",
        ),
        (
            answer("200 OK", ""),
            "is not a page of Prometheus metrics: the page is empty",
        ),
        (
            answer("200 OK", "a 1\nb"),
            "is not a page of Prometheus metrics: the last line is incomplete",
        ),
    ] {
        let (at, server) = serve(vec![given]);
        let failure = fetch(&address(&at)).expect_err(why).to_string();
        assert!(
            failure.contains(why) && !failure.contains('\n'),
            "{failure}"
        );
        server.join().expect("no panic");
    }
}

#[test]
fn an_invalid_price_file_is_reported_before_the_service_is_read() {
    let file = Scratch::new("cost-prices");
    std::fs::write(&file.0, "{}").expect("written");
    let prices = file.0.to_str().expect("text");
    // Nothing listens on this port.
    let failure = cost(&["--metrics", "127.0.0.1:1", "--prices", prices]).estimate();
    let failure = failure.expect_err("no prices").to_string();
    assert!(
        failure.contains("is not a price file (missing field"),
        "{failure}"
    );
}

#[test]
fn urls_are_completed() {
    for (given, full) in [
        ("localhost:9464", "http://localhost:9464/metrics"),
        ("http://shop:1", "http://shop:1/metrics"),
        ("https://shop/own?x=1", "https://shop/own?x=1"),
    ] {
        assert_eq!(address(given), full);
    }
    let secret = "http://user:pass@word@shop:1/metrics?at=a@b";
    assert_eq!(shown(secret), "http://shop:1/metrics?at=a@b");
}
