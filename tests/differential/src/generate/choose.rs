//! Chooses a random shape of parts that can be combined.

use super::attributes::{ATTRIBUTES, Attribute, Requirement};
use super::bodies::{Needs, SNIPPETS, Snippet, TAILS};
use super::case::{Case, Chosen};
use super::errors::FAULTS;
use super::flavours::{FLAVOURS, Flavour};
use super::hosts::{Access, HOSTS, Host, OWN, Owner, RECEIVERS, Receiver};
use super::params;
use super::returns::{Kind, RETURNS, Return};
use super::rng::Rng;

/// Chooses shapes until one is a valid function.
pub(super) fn case(rng: &mut Rng) -> Case {
    loop {
        if let Some(case) = attempt(rng) {
            return case;
        }
    }
}

fn attempt(rng: &mut Rng) -> Option<Case> {
    let (host, flavour) = (*rng.one(HOSTS), *rng.one(FLAVOURS));
    let returned = rng.one(RETURNS);
    let fault = returned.ty.contains("ERR").then(|| rng.one(FAULTS));
    let method = host.is_method().then(|| (rng.one(RECEIVERS), rng.one(OWN)));
    let many = rng.below(5);
    let all = params::all();
    let params = rng.some(&all, many).into_iter().copied().zip('a'..);
    let params = params
        .map(|(param, letter)| Chosen {
            param,
            letter,
            used: rng.one::<&'static str>(param.uses),
        })
        .collect::<Vec<_>>();
    let many = 1 + rng.below(3);
    let snippets = rng.some(SNIPPETS, many);
    let mut case = Case {
        host,
        flavour,
        method,
        params,
        returned,
        fault,
        statements: Vec::new(),
        snippets,
        tail: rng.one(TAILS),
        attribute: rng.one(ATTRIBUTES),
        recorded: String::new(),
    };
    (is_valid(&case)
        && fits_macro(&case)
        && case.snippets.iter().all(|snippet| fits(snippet, &case)))
    .then_some(())?;
    case.recorded = recorded(&case, rng)?;
    case.attribute
        .needs
        .iter()
        .all(|requirement| meets(&case, *requirement))
        .then_some(())?;
    can_be_inspected(&case).then_some(())?;
    case.statements = statements(&case, rng);
    Some(case)
}

/// Whether the kind of function allows the other parts.
fn is_valid(case: &Case) -> bool {
    let kind = case.returned.kind;
    let allowed = match case.flavour {
        Flavour::Sync | Flavour::TrackCaller => true,
        Flavour::Async | Flavour::Future | Flavour::FutureSend => {
            matches!(
                kind,
                Kind::Plain | Kind::Opaque | Kind::Borrowed | Kind::Receiver
            )
        }
        Flavour::Boxed => kind == Kind::Plain,
        Flavour::Stream | Flavour::BoxedStream | Flavour::InferredStream => {
            kind == Kind::Plain && !case.returned.ty.is_empty()
        }
    };
    // The type of a closure is inferred only if the closure is the value itself.
    let inferred = kind != Kind::Closure
        || matches!(case.tail.0, "value" | "value_again" | "returned" | "block");
    let in_place = matches!(
        case.flavour,
        Flavour::Sync | Flavour::TrackCaller | Flavour::Async
    );
    let owned = in_place
        || case
            .params
            .iter()
            .all(|chosen| !chosen.param.pattern.starts_with("ref "));
    let word = case.fault.is_some_and(|fault| fault.tag == "word");
    let lives = !((word || case.returned.generic.is_some()) && case.flavour.is_boxed());
    let taken = |(receiver, _): (&Receiver, &Owner)| {
        matches!(receiver.tag, "self" | "mut_self" | "mut_self_again")
    };
    let this = kind != Kind::Receiver || case.method.is_some_and(taken);
    let sent = case.flavour != Flavour::FutureSend || is_send(case);
    allowed
        && inferred
        && owned
        && lives
        && this
        && sent
        && (case.host != Host::AsyncTrait || fits_async_trait(case))
}

/// Whether `#[async_trait]` accepts the function.
fn fits_async_trait(case: &Case) -> bool {
    let plain = matches!(
        case.returned.kind,
        Kind::Plain | Kind::Borrowed | Kind::Receiver
    );
    let receiver = case
        .method
        .is_some_and(|(receiver, _)| !receiver.tag.contains("pin") && receiver.tag != "rc_self");
    case.flavour == Flavour::Async
        && plain
        && receiver
        && case
            .params
            .iter()
            .all(|chosen| chosen.param.attribute.is_empty())
        && case
            .snippets
            .iter()
            .all(|snippet| snippet.needs != Needs::First)
}

fn is_send(case: &Case) -> bool {
    let receiver = case
        .method
        .is_none_or(|(receiver, own)| receiver.tag != "rc_self" && own.send);
    let provided = case.host.is_provided();
    receiver
        && !provided
        && case.params.iter().all(|chosen| chosen.param.send)
        && case.fault.is_none_or(|fault| fault.send)
}

/// Whether macro fragments can hold the function.
fn fits_macro(case: &Case) -> bool {
    let generic = case
        .params
        .iter()
        .any(|chosen| !chosen.param.generic.is_empty())
        || case.extras().next().is_some()
        || case.flavour.is_boxed();
    let attributes = case
        .params
        .iter()
        .any(|chosen| !chosen.param.attribute.is_empty());
    let first = case
        .snippets
        .iter()
        .any(|snippet| snippet.needs == Needs::First);
    match case.host {
        Host::MacroParts => !generic && !attributes && !first,
        Host::MacroExpression => !first,
        _ => true,
    }
}

fn fits(snippet: &Snippet, case: &Case) -> bool {
    let early = case.returned.early.is_some() && !case.flavour.is_stream();
    let question = !case.returned.question.is_empty() && !case.flavour.is_stream();
    let right = match snippet.needs {
        Needs::Nothing | Needs::First => true,
        Needs::Await => case.flavour.awaits(),
        Needs::Early => early,
        Needs::Question => question,
    };
    right && (early || !snippet.text.contains("EARLY"))
}

/// The argument for the attribute to record, if it records one. `None` if no argument fits.
fn recorded(case: &Case, rng: &mut Rng) -> Option<String> {
    let needs = |requirement| case.attribute.needs.contains(&requirement);
    if !needs(Requirement::Record) {
        return Some(String::new());
    }
    let fits = |chosen: &&Chosen| {
        !chosen.param.record.is_empty() && (chosen.param.kept || !needs(Requirement::Kept))
    };
    let fitting: Vec<_> = case.params.iter().filter(fits).collect();
    if fitting.is_empty() {
        return None;
    }
    let chosen = *rng.one(&fitting);
    Some(chosen.named(chosen.param.record))
}

fn meets(case: &Case, requirement: Requirement) -> bool {
    let Return {
        tag,
        kind,
        debug,
        fallible,
        ..
    } = case.returned;
    let stream = case.flavour.is_stream();
    let result = tag.starts_with("result") && !stream;
    match requirement {
        Requirement::Record | Requirement::Kept => true,
        Requirement::One => !case.host.is_bulk(),
        Requirement::Fallible => *fallible,
        Requirement::Displayed => result && case.fault.is_some_and(|fault| fault.display),
        Requirement::Debugged => result && case.fault.is_some_and(|fault| fault.debug),
        Requirement::Value => {
            *debug && *kind == Kind::Plain && !stream && case.fault.is_none_or(|fault| fault.debug)
        }
        // A recorded argument counts as used, which breaks `#[expect(unused_variables)]`.
        Requirement::Arguments => case
            .params
            .iter()
            .all(|chosen| chosen.param.debug && chosen.param.tag != "expect_unused"),
        Requirement::Optional => tag.starts_with("option") && !stream,
    }
}

/// Excludes attributes that inspect the value of functions that can only be measured.
fn can_be_inspected(case: &Case) -> bool {
    let Attribute { tag, needs, .. } = case.attribute;
    let inspects = tag.starts_with("error_if")
        || *tag == "none"
        || needs.iter().any(|requirement| {
            matches!(
                requirement,
                Requirement::Fallible
                    | Requirement::Displayed
                    | Requirement::Debugged
                    | Requirement::Value
            )
        });
    // Clippy requires `()` in the attribute's own pattern.
    let unit = match *tag {
        "event_on" => case.returned.tag == "result_of_nothing",
        "ignored" => case.fault.is_some_and(|fault| fault.tag == "unit"),
        _ => false,
    };
    !unit
        && (!inspects
            || (case.flavour != Flavour::TrackCaller && case.returned.kind != Kind::Never))
}

/// The statements of the body, in random order.
fn statements(case: &Case, rng: &mut Rng) -> Vec<String> {
    let snippets = case
        .snippets
        .iter()
        .filter(|snippet| snippet.needs != Needs::First);
    let mut all: Vec<_> = snippets.map(|snippet| snippet.text.to_owned()).collect();
    all.extend(
        case.params
            .iter()
            .map(|chosen| chosen.named(chosen.used))
            .filter(|used| !used.is_empty()),
    );
    rng.shuffle(&mut all);
    if let Some((receiver, own)) = case.method {
        for statement in on_receiver(receiver, own, case.host, rng) {
            let takes = ["drop(", "moved", "consume("]
                .iter()
                .any(|taking| statement.contains(taking));
            if takes && case.returned.kind == Kind::Receiver {
                continue;
            }
            // A move comes last, so that a change happens before it.
            let at = if takes {
                all.len()
            } else {
                rng.below(all.len() + 1)
            };
            all.insert(at, statement.to_owned());
        }
    }
    all
}

fn on_receiver(receiver: &Receiver, own: &Owner, host: Host, rng: &mut Rng) -> Vec<&'static str> {
    let mut all = Vec::new();
    let changes = matches!(receiver.access, Access::Change | Access::TakeAndChange);
    if host.is_provided() {
        all.push("sum += self.number();");
        all.extend(changes.then_some("self.bump();"));
        let takes = matches!(receiver.access, Access::Take | Access::TakeAndChange);
        all.extend((takes && rng.below(2) == 0).then_some("drop(self);"));
        return all;
    }
    match receiver.access {
        Access::Read => all.push("sum += u64::from(self.n);"),
        Access::Change => all.push(*rng.one(own.changed)),
        Access::Take => all.push(*rng.one(own.taken)),
        Access::TakeAndChange => {
            all.push(*rng.one(own.changed));
            all.extend((rng.below(3) == 0).then(|| *rng.one(own.taken)));
        }
    }
    all
}
