//! A processor that masks a secret masks it everywhere: every byte that leaves by any backend is searched for it.

use flate2::read::GzDecoder;
use instrumental_tests::statsd::Statsd;
use instrumental_tests::stub::{Mode, Stub};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::TcpListener;
use std::process::Command;

/// Places of the program in which it reports a card.
fn places() -> std::ops::RangeInclusive<u64> {
    1..=33
}

fn number(place: u64) -> u64 {
    4_111_000_000_000_000 + place
}

/// A number as protobuf's varint.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Whether the bytes hold a card: as a text or as any encoding of a number.
fn holds(bytes: &[u8], place: u64) -> bool {
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

fn unpacked(body: &[u8]) -> Vec<u8> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return body.to_vec();
    }
    let mut out = Vec::new();
    GzDecoder::new(body).read_to_end(&mut out).expect("gzip");
    out
}

/// Runs the program. What left by each way.
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
    if scrub {
        command.env("SCRUB", "1");
    }
    let reading = std::thread::spawn(move || {
        let mut read = Vec::new();
        let stream = lines.accept().expect("a connection").0;
        let _ = { stream }.read_to_end(&mut read);
        read
    });
    let output = command.output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut ways = BTreeMap::new();
    ways.insert("tcp".to_owned(), reading.join().expect("read"));
    ways.insert("statsd".to_owned(), statsd.lines().join("\n").into_bytes());
    for file in ["combined.log", "error.log"] {
        let text = std::fs::read(folder.join(file)).expect("a file");
        ways.insert(file.to_owned(), text);
    }
    let _ = std::fs::remove_dir_all(folder);
    let text = String::from_utf8_lossy(&output.stdout);
    let page = |line: &&str| line.starts_with("page ");
    assert!(text.contains("# EOF"), "{text}");
    let pages: String = text.lines().filter(page).collect();
    assert!(pages.contains("live.json"), "{text}");
    ways.insert("console and pages".to_owned(), output.stdout.clone());
    for (head, body) in stub.bodies() {
        let way = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let bytes = ways.entry(way).or_default();
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&unpacked(&body));
    }
    ways
}

#[test]
fn nothing_unscrubbed_leaves_by_any_backend() {
    for format in ["pretty", "json"] {
        let plain = run(false, format);
        let scrubbed = run(true, format);
        let mut left = BTreeSet::new();
        for (way, bytes) in &plain {
            let found: Vec<u64> = places().filter(|place| holds(bytes, *place)).collect();
            println!("{format} {way}: {found:?}");
            left.extend(found);
        }
        // Without the processor, each way but metrics carries some of them; so this test can fail.
        let ways = [
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
        for way in ways {
            let bytes = plain
                .get(way)
                .unwrap_or_else(|| panic!("{way}: {:?}", plain.keys()));
            assert!(
                places().any(|place| holds(bytes, place)),
                "{way} carries none"
            );
        }
        println!("{format}: {left:?} leave");
        for (way, bytes) in &scrubbed {
            for place in places() {
                assert!(!holds(bytes, place), "{way} carries card {place}, {format}");
            }
            assert!(
                !bytes.windows(12).any(|part| part == b"411100000000"),
                "{way}"
            );
        }
        // What can leave does, so each place is tested.
        let never: Vec<u64> = places().filter(|place| !left.contains(place)).collect();
        // The query of a URL and a foreign member of the baggage go nowhere.
        assert_eq!(never, [26, 28], "of these places nothing leaves");
        for way in ways {
            assert!(scrubbed.contains_key(way), "{way}: {:?}", scrubbed.keys());
        }
        let text = String::from_utf8_lossy(&scrubbed["console and pages"]);
        assert!(
            text.contains("[card]") && text.contains("lost []"),
            "{text}"
        );
    }
}
