//! Runs one scenario per process, because receivers are process-wide: `scenario NAME` measures it, `scenario NAME CALLS`
//! calls it for an instruction counter, `scenario` lists all. `benches/run` runs them and prints the table.

// No build uses all scenarios.
#![allow(dead_code)]

#[cfg(feature = "peers")]
mod exporters;
mod floor;
mod machine;
mod measure;
mod ours;
#[cfg(feature = "peers")]
mod peers;
#[cfg(feature = "backends")]
mod receiver;
mod scenario;
mod scenarios;

use measure::Measured;
use scenario::{Scenario, Way};

fn main() {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (None, _) => scenarios::all()
            .iter()
            .for_each(|s| println!("{}\t{}", s.key, s.title)),
        (Some("sizes"), _) => sizes(),
        (Some("memory"), _) => {
            let mib = ours::store_bytes().map(|bytes| bytes as f64 / f64::from(1 << 20));
            println!(
                "one thread {:.1} MiB, two {:.1}, after 100 times the calls {:.1}",
                mib[0], mib[1], mib[2]
            );
        }
        #[cfg(feature = "backends")]
        (Some("throughput"), _) => receiver::throughput(),
        #[cfg(feature = "backends")]
        (Some("down"), seconds) => receiver::down(seconds.as_deref().unwrap_or("600")),
        (Some(key), calls) => {
            let all = scenarios::all();
            let Some(scenario) = all.iter().find(|scenario| scenario.key == key) else {
                eprintln!("no scenario {key}");
                std::process::exit(2);
            };
            match calls.and_then(|calls| calls.parse().ok()) {
                Some(calls) => count(scenario, calls),
                None => report(scenario),
            }
        }
    }
}

/// Calls the function for an instruction counter, which counts only the loops.
fn count(scenario: &Scenario, calls: u64) {
    let mut between = (scenario.install)();
    for _ in 0..calls.div_ceil(500) {
        (scenario.batch)(500);
        between();
    }
    (scenario.alone)(1);
    std::process::exit(0);
}

fn report(scenario: &Scenario) {
    let mut between = (scenario.install)();
    if scenario.way == Way::Threads {
        let (one, two) = measure::threads(scenario.batch, scenario.alone);
        println!("{}\t{one:.1}\t{two:.1}\t{:.2}", scenario.title, two / one);
        std::process::exit(0);
    }
    let floor = measure::calls!(floor::floor);
    let Measured {
        added,
        floor,
        allocations,
        bytes,
    } = match scenario.way {
        Way::Kinds => measure::kinds(scenario.batch, scenario.alone, floor, &mut *between),
        _ => measure::rounds(scenario.batch, scenario.alone, floor, &mut *between),
    };
    println!(
        "{}\t{added:.1}\t{floor:.1}\t{:.2}\t{allocations:.2}\t{bytes:.0}",
        scenario.title,
        added / floor
    );
    for reason in instrumental::LostReason::ALL {
        let lost = instrumental::lost()
            .into_iter()
            .find(|(known, _)| known == reason);
        if let Some((_, count)) = lost.filter(|(_, count)| *count > 0) {
            eprintln!("{}: lost {count}: {}", scenario.key, reason.as_str());
        }
    }
    #[cfg(feature = "backends")]
    receiver::print_failures();
    std::process::exit(0);
}

/// Prints the sizes of futures in bytes.
fn sizes() {
    let (plain, ours) = (floor::plain_async(1), ours::plain_async(1));
    let (alone, traced) = (size_of_val(&plain), size_of_val(&ours));
    println!("future alone\t{alone}");
    println!("future traced\t{traced}\t+{}", traced - alone);
    let field = size_of_val(&ours::with_field_async(1));
    println!("future traced with a field\t{field}\t+{}", field - alone);
    println!("tracing::Span\t{}", size_of::<tracing::Span>());
    #[cfg(feature = "peers")]
    {
        let instrumented = size_of_val(&peers::instrument_async(1));
        println!(
            "future tracing::instrument\t{instrumented}\t+{}",
            instrumented - alone
        );
        let fastrace = size_of_val(&peers::fastrace_async(1));
        println!("future fastrace\t{fastrace}\t+{}", fastrace - alone);
    }
}
