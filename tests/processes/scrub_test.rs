//! A processor that masks a secret masks it everywhere: the test searches every byte sent by any backend.

use flate2::read::GzDecoder;
use instrumental_tests::statsd::Statsd;
use instrumental_tests::stub::{Mode, Stub};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::TcpListener;
use std::process::Command;

/// The places in which the program reports a card.
fn places() -> std::ops::RangeInclusive<u64> {
    1..=33
}

fn number(place: u64) -> u64 {
    4_111_000_000_000_000 + place
}

/// A number as a protobuf varint.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Whether the bytes contain a card, as text or in any encoding of a number.
fn contains_card(bytes: &[u8], place: u64) -> bool {
    let number = number(place);
    let encodings = [
        number.to_string().into_bytes(),
        varint(number),
        number.to_be_bytes().to_vec(),
        number.to_le_bytes().to_vec(),
        (number as f64).to_be_bytes().to_vec(),
        (number as f64).to_le_bytes().to_vec(),
    ];
    encodings
        .iter()
        .any(|secret| bytes.windows(secret.len()).any(|part| part == secret))
}

fn decompressed(body: &[u8]) -> Vec<u8> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return body.to_vec();
    }
    let mut out = Vec::new();
    GzDecoder::new(body).read_to_end(&mut out).expect("gzip");
    out
}

/// Adds the heads and bodies of all requests, by path.
fn add_requests(stub: &Stub, channels: &mut BTreeMap<String, Vec<u8>>) {
    for (head, body) in stub.bodies() {
        let channel = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let bytes = channels.entry(channel).or_default();
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&decompressed(&body));
    }
}

/// Runs the program; returns the bytes sent over each channel.
fn run(scrub: bool, format: &str) -> BTreeMap<String, Vec<u8>> {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let statsd = Statsd::start();
    let lines = TcpListener::bind("127.0.0.1:0").expect("a port");
    let folder =
        std::env::temp_dir().join(format!("scrub-{}-{scrub}-{format}", std::process::id()));
    let address = stub.address();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrubbed"));
    command.env_clear().envs([
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none".into()),
        ("SENTRY_DSN", format!("http://key@{address}/1")),
        ("DD_TRACE_AGENT_URL", format!("http://{address}")),
        ("DD_DOGSTATSD_URL", statsd.url().to_owned()),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0".into()),
        ("INSTRUMENTAL_LIVE", "0".into()),
        ("LOG_FORMAT", format.into()),
        ("LOG_DIR", folder.display().to_string()),
        ("LOG_TCP", lines.local_addr().expect("bound").to_string()),
        ("RUST_LOG", "trace,hyper=off,tokio=off".into()),
        ("OWN_EXPORTER", address.to_string()),
    ]);
    command.envs(scrub.then_some(("SCRUB", "1")));
    let reading = std::thread::spawn(move || {
        let mut read = Vec::new();
        let stream = lines.accept().expect("a connection").0;
        let _ = { stream }.read_to_end(&mut read);
        read
    });
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut channels = BTreeMap::new();
    channels.insert("tcp".to_owned(), reading.join().expect("read"));
    channels.insert("statsd".to_owned(), statsd.lines().join("\n").into_bytes());
    for file in ["combined.log", "error.log"] {
        let text = std::fs::read(folder.join(file)).expect("a file");
        channels.insert(file.to_owned(), text);
    }
    let _ = std::fs::remove_dir_all(folder);
    let text = String::from_utf8_lossy(&output.stdout);
    let page = |line: &&str| line.starts_with("page ");
    assert!(text.contains("# EOF"), "{text}");
    let pages: String = text.lines().filter(page).collect();
    assert!(pages.contains("live.json"), "{text}");
    channels.insert("console and pages".to_owned(), output.stdout.clone());
    add_requests(&stub, &mut channels);
    channels
}

/// The channels that carry more than metrics.
const CHANNELS: [&str; 11] = [
    "tcp",
    "combined.log",
    "error.log",
    "console and pages",
    "/v1/traces",
    "/v1/logs",
    "/v0.4/traces",
    "/api/1/envelope/",
    "/own/spans",
    "/own/errors",
    "/own/logs",
];

/// Asserts that no channel contains a card, or the beginning of one.
fn assert_masked(scrubbed: &BTreeMap<String, Vec<u8>>, format: &str) {
    for (channel, bytes) in scrubbed {
        for place in places() {
            assert!(
                !contains_card(bytes, place),
                "{channel} contains card {place}, {format}"
            );
        }
        assert!(
            !bytes.windows(12).any(|part| part == b"411100000000"),
            "{channel}"
        );
    }
}

#[test]
fn no_backend_sends_an_unmasked_secret() {
    for format in ["pretty", "json"] {
        let plain = run(false, format);
        let scrubbed = run(true, format);
        let mut sent = BTreeSet::new();
        for (channel, bytes) in &plain {
            let found: Vec<u64> = places()
                .filter(|place| contains_card(bytes, *place))
                .collect();
            println!("{format} {channel}: {found:?}");
            sent.extend(found);
        }
        // Without the processor, every channel except metrics contains some of them, so this test can fail.
        for channel in CHANNELS {
            let bytes = plain
                .get(channel)
                .unwrap_or_else(|| panic!("{channel}: {:?}", plain.keys()));
            assert!(
                places().any(|place| contains_card(bytes, place)),
                "{channel} contains no card"
            );
        }
        println!("{format}: {sent:?} are sent");
        assert_masked(&scrubbed, format);
        // Every place that can be sent is sent, so each is tested.
        let never: Vec<u64> = places().filter(|place| !sent.contains(place)).collect();
        // The query of a URL and foreign baggage members are never sent.
        assert_eq!(never, [26, 28], "these places are never sent");
        for channel in CHANNELS {
            assert!(
                scrubbed.contains_key(channel),
                "{channel}: {:?}",
                scrubbed.keys()
            );
        }
        let text = String::from_utf8_lossy(&scrubbed["console and pages"]);
        assert!(
            text.contains("[card]") && text.contains("lost []"),
            "{text}"
        );
    }
}
