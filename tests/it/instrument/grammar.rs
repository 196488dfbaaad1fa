//! The whole grammar of `tracing::instrument` under `instrumental::instrument`: a subscriber receives the same.

use super::{Recorder, assert_same};

const NAME: &str = "a.name";

struct Names;
impl Names {
    const OF_A_TYPE: &'static str = "of.a.type";
}

const fn computed() -> &'static str {
    "computed"
}

fn either<A, B>(a: A, _: Option<B>) -> A {
    a
}

/// Fragments of a `macro_rules` arrive in groups without delimiters.
macro_rules! made {
    ($name:ident, $level:expr, $text:literal, $value:expr, $ty:ty, $field:ident, $skip:ident, $parent:expr) => {
        #[instrument(
            parent = $parent, level = $level, name = $text, target = NAME,
            fields(v = $value, w = %$value, $field = ?$value, {$text} = $field, n = %self::NAME.len()),
            skip($skip), err(level = $level, Debug)
        )]
        fn $name($field: $ty, $skip: ()) -> Result<(), u8> {
            let _ = $skip;
            Err($field.into())
        }
    };
}

/// The grammar of `tracing::instrument`, as its parser accepts it.
macro_rules! grammar {
    ($instrument:path) => {{
        use $instrument as instrument;
        use std::num::{NonZeroU8, Wrapping};
        use tracing::field::Empty;
        use tracing::Level;

        const LEVEL: Level = Level::WARN;
        #[derive(Clone, Copy)]
        struct Undebugged;
        #[derive(Debug)]
        struct Point {
            x: u32,
            y: u32,
        }
        #[derive(Debug)]
        struct Pair(u8);

        // Computed names; the macro cannot compare them with names of arguments.
        #[instrument(fields({NAME} = "x", {Names::OF_A_TYPE} = 1, {computed()} = ?Some(2), {"literal"} = %3))]
        fn computed_names() {}
        #[instrument(fields({"a"} = "braced", {concat!("b", ".", "c")} = true, %{NAME} = 4, {computed()}))]
        fn beside(a: u32) {
            let _ = a;
        }
        #[instrument("bare")]
        fn bare() {}
        #[instrument(name = NAME, target = NAME)]
        fn constants() {}
        #[instrument(level = LEVEL, "no" skip(a) fields(x = 1) err)]
        fn without_commas(a: Undebugged) -> Result<(), String> {
            let _ = a;
            Err("failed".to_owned())
        }
        #[instrument(,, level = 0x2,, skip_all,)]
        fn with_commas(_a: Undebugged) {}
        #[instrument(level = Level::ERROR)]
        fn level_by_path() {}
        #[instrument(level = "WARn")]
        fn level_in_any_case() {}

        // A field without a value is declared only, even if a variable of its name is in scope.
        #[instrument(fields(a, b.c, later, self.x, d = Empty, e = tracing::field::Empty))]
        fn declared(a: u32) {
            let _ = a;
            tracing::Span::current().record("later", 5);
        }
        // A field with a sigil is recorded, even if it is not an argument.
        #[instrument(fields(?p.x, %NAME, %p.y), skip(p))]
        fn sigils(p: Point) {
            let _ = (p.x, p.y);
        }
        #[instrument(fields(%a = a + 1, %b = ?"b", ?c = %"c", d = %"d", e = "e",))]
        fn sigils_before(a: u32) {
            let _ = a;
        }
        #[instrument(fields(x = either::<u32, u8>(a, None), y = a | 2, z = a > 9 || a == 1, f = [1].map(|a| a + 1)[0]))]
        fn commas_in_values(a: u32) {
            let _ = a;
        }
        #[instrument(fields(a = 1, a = 2, keywords.impl.type.fn = b, none = None::<u8>, some = Some(3)))]
        fn twice(b: bool) {
            let _ = b;
        }

        // Raw identifiers lose their prefix as fields and keep it as function names.
        #[instrument]
        fn r#match(r#type: u32) {
            let _ = r#type;
        }
        #[instrument(fields(type = 1))]
        fn raw_beside(r#type: u32) {
            let _ = r#type;
        }
        #[instrument(fields(r#type = 2, ?r#fn), skip(r#fn))]
        fn raw_replaced(r#type: u32, r#fn: u8) {
            let _ = (r#type, r#fn);
        }

        // Arguments of primitive types are recorded as values, others by `Debug`, and unusual patterns not at all.
        #[instrument]
        fn integers(a: &&u32, b: &mut u64, c: NonZeroU8, d: Wrapping<i8>) {
            let _ = (a, b, c, d);
        }
        #[instrument]
        fn other_types(e: f32, f: Option<&str>, g: char) {
            let _ = (e, f, g);
        }
        #[instrument]
        fn patterns(&a: &u32, Point { x, y: z }: Point, Pair(p): Pair, (q, (r, ..)): (u8, (u8, u8)), mut s: String) {
            s.extend(['s'; 2]);
            let _ = (a, x, z, p, q, r, s);
        }
        #[instrument]
        fn unrecorded([a, b]: [Undebugged; 2], _: Undebugged, c @ 0..: u32) {
            let _ = (a, b, c);
        }

        // Options that may be repeated: the last one counts.
        #[instrument(skip(), skip(a), err, err(Debug), ret, ret(level = "warn",), parent = None, parent = None)]
        fn again(a: Undebugged) -> Result<u8, String> {
            let _ = a;
            Ok(7)
        }
        #[instrument(err())]
        fn empty_format() -> Result<(), String> {
            Err("displayed".to_owned())
        }
        #[instrument(err(level = Level::INFO, Debug), target = "there")]
        fn err_level_and_format() -> Result<(), String> {
            Err("debugged".to_owned())
        }
        #[instrument(level = "debug", ret, err(level = 4))]
        fn both(a: bool) -> Result<u8, String> {
            if a { Ok(1) } else { Err("level".to_owned()) }
        }
        #[instrument(ret)]
        fn whole() -> Result<u8, String> {
            Err("returned".to_owned())
        }
        impl Point {
            #[instrument(skip(self), fields(self.x = self.x, ?self.y, Self = std::any::type_name::<Self>()))]
            fn method(&mut self, by: u32) {
                self.x += by;
            }
            #[instrument(fields(self = self.x))]
            fn replaced(&self) {}
            #[instrument]
            fn owned(self, other: Self) {
                let _ = (self, other);
            }
        }

        made!(
            made, Level::DEBUG, "made", either::<_, u8>(1 | 4, None), u8, made_of, skipped, None::<tracing::Id>
        );

        let recorder = Recorder::default();
        tracing::subscriber::with_default(recorder.clone(), || {
            computed_names();
            beside(1);
            (bare(), constants(), with_commas(Undebugged), level_by_path(), level_in_any_case());
            let _ = without_commas(Undebugged);
            declared(1);
            let _ = made(3, ());
            sigils(Point { x: 1, y: 2 });
            sigils_before(1);
            commas_in_values(5);
            twice(true);
            (r#match(1), raw_beside(2), raw_replaced(3, 4));
            integers(&&1, &mut 2, NonZeroU8::MIN, Wrapping(3));
            other_types(4.5, Some("f"), 'g');
            patterns(&1, Point { x: 2, y: 3 }, Pair(4), (6, (7, 8)), "s".to_owned());
            unrecorded([Undebugged; 2], Undebugged, 1);
            let _ = (again(Undebugged), empty_format(), err_level_and_format(), both(true), both(false), whole());
            let mut point = Point { x: 1, y: 2 };
            (point.method(3), point.replaced(), point.owned(Point { x: 5, y: 6 }));
        });
        recorder.note(|state| state.lines.clone())
    }};
}

#[test]
fn f05_the_whole_grammar_has_the_same_meaning() {
    let theirs = grammar!(tracing::instrument);
    assert!(theirs.len() > 30, "{theirs:#?}");
    assert_same(&theirs, &grammar!(instrumental::instrument));
}
