//! Small crates, with and without circles.

use super::*;

fn of(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    circles("src", &files)
}

#[test]
fn a_circle_is_named_with_a_place_for_each_step() {
    let circles = of(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "\nuse crate::b::B;"),
        ("b/mod.rs", "mod deep;"),
        ("b/deep.rs", "use super::super::c;"),
        ("c.rs", "fn c() -> u8 {\n\n crate::a::a() }"),
    ]);
    let circle = "a → b (src/a.rs:2) → c (src/b/deep.rs:1) → a (src/c.rs:3)";
    assert_eq!(circles, [circle]);
}

#[test]
fn a_module_and_its_children_may_know_each_other() {
    let circles = of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod child; use self::child::X; use crate::a::child::Y; use crate::b::B;"),
        ("a/child.rs", "use super::Z; use crate::a; mod inner { use super::super::Z; }"),
        ("b.rs", "pub struct B;"),
    ]);
    assert!(circles.is_empty(), "{circles:?}");
}

#[test]
fn a_re_export_is_the_module_it_comes_from() {
    for root in [
        "mod a; mod b; pub use b::B;",
        "mod a; mod b; pub use crate::b::inner::{C, D as B};",
        "mod a; mod b; use self::b::B;",
        "mod a; mod b; pub use b::B; pub use b::b;",
    ] {
        let circles = of(&[
            ("lib.rs", root),
            ("a.rs", "use crate::B;"),
            ("b.rs", "pub mod inner; use crate::a;"),
            ("b/inner.rs", ""),
        ]);
        assert_eq!(circles, ["a → b (src/a.rs:1) → a (src/b.rs:1)"], "{root}");
    }
}

#[test]
fn nested_imports_and_globs_are_followed() {
    for text in [
        "use crate::{c, b::{self, X}};",
        "use crate::{c, b::*};",
        "use super::{c::C, b};",
        "use crate::c; fn f() { if x { super::b::f::<u8>() } }",
        "pub(in crate::a) fn f(_: &dyn Fn(crate::b::B)) {}",
        "mod inner { fn f() { super::super::b::f() } }",
        "#[serde(default = \"crate::b::none\")] struct A;",
    ] {
        let circles = of(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", text),
            ("b.rs", "use crate::a;"),
            ("c.rs", ""),
        ]);
        assert_eq!(circles, ["a → b (src/a.rs:1) → a (src/b.rs:1)"], "{text}");
    }
}

#[test]
fn macros_belong_to_the_unit_that_defines_them() {
    let files = [
        ("lib.rs", "extern crate self as own; mod a; mod b;"),
        ("a.rs", "#[macro_export] macro_rules! make { () => { $crate::b::f() } }"),
        ("b.rs", "own::make!{}"),
    ];
    assert_eq!(of(&files), ["a → b (src/a.rs:1) → a (src/b.rs:1)"]);
    let private = [
        ("lib.rs", "mod a; mod b; pub mod hidden { pub use crate::b::f; pub use serde; }"),
        ("a.rs", "macro_rules! make { () => { $crate::hidden::f($crate::hidden::serde::x) } }"),
        ("b.rs", "use crate::a;"),
    ];
    assert_eq!(of(&private), ["a → b (src/a.rs:1) → a (src/b.rs:1)"]);
}

#[test]
fn what_the_root_defines_makes_it_a_unit() {
    let files = [
        ("lib.rs", "mod a; mod b; use b::B; fn f() { a::a(); }"),
        ("a.rs", "use crate::f;"),
        ("b.rs", ""),
    ];
    assert_eq!(of(&files), ["a → the root (src/a.rs:1) → a (src/lib.rs:1)"]);
    let constant =
        [("main.rs", "mod a; fn main() { a::a(); }"), ("a.rs", "mod b;"), ("a/b.rs", "")];
    assert!(of(&constant).is_empty());
}

#[test]
fn comments_strings_and_tests_do_not_count() {
    let circles = of(&[
        ("lib.rs", "mod a; mod b; pub use b::B;"),
        (
            "a.rs",
            "//! [`crate::b`]\n/* crate::b */ /// [`crate::b::B`]\nfn f() -> &'static str { \
             \"crate::b\" }\n#[cfg(test)] mod tests { use crate::b; }\n#[cfg(test)] mod far;",
        ),
        ("a/far.rs", "use crate::b;"),
        ("b.rs", "use crate::a;"),
    ]);
    assert!(circles.is_empty(), "{circles:?}");
}

#[test]
fn every_circle_is_shown_but_none_twice() {
    let circles = of(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b;"),
        ("b.rs", "use crate::a; use crate::c;"),
        ("c.rs", "use crate::d;"),
        ("d.rs", "use crate::c;"),
    ]);
    let first = "a → b (src/a.rs:1) → a (src/b.rs:1)";
    let second = "c → d (src/c.rs:1) → c (src/d.rs:1)";
    assert_eq!(circles, [first, second]);
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let cases = [
        ("mod a;", "use crate::Gone;"),
        ("mod a;", "use crate::*;"),
        ("mod a; pub use a::*;", ""),
        ("#[macro_use] mod a;", ""),
    ];
    for (root, text) in cases {
        let problems = of(&[("lib.rs", root), ("a.rs", text)]);
        assert_eq!(problems.len(), 1, "{root} {text}: {problems:?}");
    }
}
