//! Functions that are too long.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

/// The functions of a source with more than `most` lines: name, first line, lines.
///
/// A function's lines are those from its signature to the end of its body.
pub(crate) fn long(text: &str, most: usize) -> Vec<(String, usize, usize)> {
    let file = syn::parse_file(text).expect("a source that compiles");
    let mut functions = Functions { most, long: Vec::new() };
    functions.visit_file(&file);
    functions.long
}

struct Functions {
    most: usize,
    long: Vec<(String, usize, usize)>,
}

impl Functions {
    fn measure(&mut self, signature: &Signature, body: &Block) {
        let first = signature.span().start().line;
        let lines = body.span().end().line - first + 1;
        if lines > self.most {
            self.long.push((signature.ident.to_string(), first, lines));
        }
    }
}

impl<'a> Visit<'a> for Functions {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::long;

    fn named(name: &str, first: usize, lines: usize) -> (String, usize, usize) {
        (name.to_owned(), first, lines)
    }

    #[test]
    fn lines_are_those_from_signature_to_brace() {
        let text =
            "/// Says\n/// what.\n#[inline]\npub async fn f(\n    a: u8,\n) {\n    g();\n}\n";
        assert_eq!(long(text, 4), [named("f", 4, 5)]);
        assert!(long(text, 5).is_empty());
    }

    #[test]
    fn functions_are_found_wherever_they_are() {
        let body = "{\n\n}";
        let text = format!(
            "fn a() {{ fn inner() {body} }}\nimpl X {{ fn b() {body} }}\n\
             trait T {{ fn c(); fn d() {body} }}\nmod m {{ fn e() {body} }}"
        );
        let names: Vec<_> = long(&text, 2).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["a", "inner", "b", "d", "e"]);
    }
}
