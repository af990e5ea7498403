//! Circles between the units of a crate, by the paths in its sources.
//!
//! A unit is a file or a folder at the top of `src`: a module with all its children, which may know
//! each other as they like. The root (`lib.rs` or `main.rs`) is a unit only as far as it defines
//! something itself. What it merely re-exports belongs to the module that it comes from.
//!
//! The paths are found among tokens rather than in a syntax tree, so that those in macros count.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree};

/// From unit to unit, with the first place that says so.
type Graph = BTreeMap<String, BTreeMap<String, String>>;

/// What a name at the root of the crate stands for.
enum Named {
    /// A module of its own.
    Unit(String),
    /// An item of the crate, re-exported or imported: its path.
    Path(Vec<String>),
    /// A module that is written out in the root.
    Scope(Scope),
    /// An item of another crate.
    Outside,
    /// Something that the root defines.
    Own,
}

/// A name can stand for several things at once: a module and a function, say.
type Scope = BTreeMap<String, Vec<Named>>;

/// A path in a source, from the root of the crate, and its line.
struct Mention {
    path: Vec<String>,
    line: usize,
}

/// One circle for each group of units that reach each other, and every path that can't be followed.
///
/// `sources` are the files of one crate below its `src`: `works/doc.rs`, and the text. `folder` is
/// only shown.
pub(crate) fn circles(folder: &str, sources: &[(String, String)]) -> Vec<String> {
    let mut krate = Crate::read(sources);
    let graph = krate.graph(folder);
    krate.problems.into_iter().chain(found(&graph)).collect()
}

/// The parsed files of a crate.
struct Crate {
    /// By path below `src`, without the modules that are only there for tests.
    files: BTreeMap<String, Vec<Item>>,
    scope: Scope,
    /// Names by which the crate calls itself, besides `crate`.
    aliases: BTreeSet<String>,
    /// The units of macros that are exported, which puts them at the root.
    macros: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Crate {
    fn read(sources: &[(String, String)]) -> Self {
        let mut krate = Self {
            files: BTreeMap::new(),
            scope: Scope::new(),
            aliases: BTreeSet::new(),
            macros: BTreeMap::new(),
            problems: Vec::new(),
        };
        let mut tests = BTreeSet::new();
        for (name, text) in sources {
            let mut items = syn::parse_file(text).expect("a source that compiles").items;
            drop_tests(&mut items, &module_of(name), &mut tests);
            krate.files.insert(name.clone(), items);
        }
        krate.files.retain(|name, _| !tests.contains(&module_of(name)));
        for (name, items) in &krate.files {
            if is_root(name) {
                let scope = scope(items, &mut krate.aliases, &mut krate.problems);
                krate.scope.extend(scope);
            }
            for item in items {
                if let Item::Macro(item) = item
                    && let Some(ident) = &item.ident
                    && item.attrs.iter().any(|attr| attr.path().is_ident("macro_export"))
                {
                    krate.macros.insert(ident.to_string(), unit_of(name));
                }
            }
        }
        krate
    }

    /// Who mentions whom.
    fn graph(&mut self, folder: &str) -> Graph {
        let mut graph = Graph::new();
        for (name, items) in &self.files {
            let unit = unit_of(name);
            for item in items {
                let mut mentions = Vec::new();
                let reader = Reader { aliases: &self.aliases, mentions: &mut mentions };
                if !is_root(name) {
                    reader.read(item.to_token_stream(), &module_of(name));
                } else if !matches!(item, Item::Use(_) | Item::Mod(_)) {
                    reader.read(item.to_token_stream(), &[]);
                    bare(item.to_token_stream(), &self.scope, &mut mentions);
                }
                for mention in mentions {
                    let place = format!("{folder}/{name}:{}", mention.line);
                    let Some(units) = self.units(&self.scope, &mention.path) else {
                        let path = mention.path.join("::");
                        self.problems.push(format!("{place}: where does crate::{path} lead?"));
                        continue;
                    };
                    for other in units.into_iter().filter(|other| *other != unit) {
                        let known = graph.entry(unit.clone()).or_default();
                        known.entry(other).or_insert_with(|| place.clone());
                    }
                }
            }
        }
        graph
    }

    /// The units that a path from the root leads to; none if it leads out of the crate.
    fn units(&self, scope: &Scope, path: &[String]) -> Option<BTreeSet<String>> {
        let (first, rest) = path.split_first()?;
        let Some(all) = scope.get(first) else {
            return self.macros.get(first).map(|unit| BTreeSet::from([unit.clone()]));
        };
        let is_unit = |named: &&Named| matches!(named, Named::Unit(_));
        // `relocate::relocate` goes through the module, whatever else has that name.
        let through = all.iter().find(is_unit).filter(|_| !rest.is_empty());
        let all = through.map_or(&all[..], std::slice::from_ref);
        let mut units = BTreeSet::new();
        for named in all {
            match named {
                Named::Unit(unit) => _ = units.insert(unit.clone()),
                Named::Path(path) => units.extend(self.units(&self.scope, path)?),
                Named::Scope(scope) => units.extend(self.units(scope, rest)?),
                Named::Own => _ = units.insert(ROOT.to_owned()),
                Named::Outside => {}
            }
        }
        Some(units)
    }
}

/// The root as a unit: no module can be called so.
const ROOT: &str = "the root";

fn is_root(file: &str) -> bool {
    matches!(file, "lib.rs" | "main.rs")
}

/// `works/doc.rs` is the module `works::doc`, `works/mod.rs` is `works`.
fn module_of(file: &str) -> Vec<String> {
    if is_root(file) {
        return Vec::new();
    }
    let path = file.trim_end_matches(".rs");
    path.split('/').filter(|part| *part != "mod").map(str::to_owned).collect()
}

fn unit_of(file: &str) -> String {
    module_of(file).into_iter().next().unwrap_or_else(|| ROOT.to_owned())
}

/// Takes out what is only compiled for tests, and notes which modules that are files are.
fn drop_tests(items: &mut Vec<Item>, module: &[String], tests: &mut BTreeSet<Vec<String>>) {
    items.retain_mut(|item| {
        let Item::Mod(item) = item else { return true };
        let mut module = module.to_vec();
        module.push(item.ident.to_string());
        if item.attrs.iter().any(is_for_tests) {
            tests.insert(module);
            return false;
        }
        if let Some((_, items)) = &mut item.content {
            drop_tests(items, &module, tests);
        }
        true
    });
}

fn is_for_tests(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg")
        && attr.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

/// What the names at the root stand for, or those of a module written out in it.
fn scope(items: &[Item], aliases: &mut BTreeSet<String>, problems: &mut Vec<String>) -> Scope {
    let mut scope = Scope::new();
    let modules: BTreeSet<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(item) => Some(item.ident.to_string()),
            _ => None,
        })
        .collect();
    for item in items {
        let mut name = |name: &syn::Ident, named| {
            scope.entry(name.to_string()).or_default().push(named);
        };
        match item {
            Item::Mod(item) => {
                if item.attrs.iter().any(|attr| attr.path().is_ident("macro_use")) {
                    problems.push(format!("macro_use on {}: name macros by path", item.ident));
                }
                let named = match &item.content {
                    None => Named::Unit(item.ident.to_string()),
                    Some((_, items)) => Named::Scope(self::scope(items, aliases, problems)),
                };
                name(&item.ident, named);
            }
            Item::Use(item) => {
                imports(&item.tree, &mut Vec::new(), &mut |ident, path| match ident {
                    None => problems.push(format!("name what the root takes: {path:?}")),
                    Some(ident) => name(ident, target(path, &modules)),
                });
            }
            Item::ExternCrate(item) => {
                if let Some((_, alias)) = &item.rename
                    && item.ident == "self"
                {
                    aliases.insert(alias.to_string());
                }
            }
            Item::Const(item) => name(&item.ident, Named::Own),
            Item::Enum(item) => name(&item.ident, Named::Own),
            Item::Fn(item) => name(&item.sig.ident, Named::Own),
            Item::Static(item) => name(&item.ident, Named::Own),
            Item::Struct(item) => name(&item.ident, Named::Own),
            Item::Trait(item) => name(&item.ident, Named::Own),
            Item::Type(item) => name(&item.ident, Named::Own),
            Item::Union(item) => name(&item.ident, Named::Own),
            _ => {}
        }
    }
    scope
}

/// Where an import in the root leads.
fn target(path: &[String], modules: &BTreeSet<String>) -> Named {
    match path.split_first() {
        Some((first, rest)) if matches!(first.as_str(), "crate" | "self") => {
            Named::Path(rest.to_vec())
        }
        Some((first, _)) if modules.contains(first) => Named::Path(path.to_vec()),
        _ => Named::Outside,
    }
}

/// Every name that a `use` brings, with its path; no name for a glob.
fn imports<'a>(
    tree: &'a UseTree,
    path: &mut Vec<String>,
    each: &mut dyn FnMut(Option<&'a syn::Ident>, &[String]),
) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            imports(&tree.tree, path, each);
            path.pop();
        }
        UseTree::Name(tree) => {
            path.push(tree.ident.to_string());
            each(Some(&tree.ident), path);
            path.pop();
        }
        UseTree::Rename(tree) => {
            path.push(tree.ident.to_string());
            each(Some(&tree.rename), path);
            path.pop();
        }
        UseTree::Glob(_) => each(None, path),
        UseTree::Group(tree) => {
            for tree in &tree.items {
                imports(tree, path, each);
            }
        }
    }
}

/// The modules that an item of the root names as a neighbour does, without `crate`.
fn bare(tokens: TokenStream, scope: &Scope, mentions: &mut Vec<Mention>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => bare(group.stream(), scope, mentions),
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let inside = |named: &Named| matches!(named, Named::Unit(_) | Named::Path(_));
                if scope.get(&name).is_some_and(|all| all.iter().any(inside)) {
                    let line = ident.span().start().line;
                    mentions.push(Mention { path: vec![name], line });
                }
            }
            _ => {}
        }
    }
}

/// Finds paths that begin with `crate`, `super` or `self`.
struct Reader<'a> {
    aliases: &'a BTreeSet<String>,
    mentions: &'a mut Vec<Mention>,
}

impl Reader<'_> {
    fn read(mut self, tokens: TokenStream, module: &[String]) {
        self.tokens(tokens, module);
    }

    fn tokens(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let start = match token {
                TokenTree::Ident(ident) if is_colons(&tokens, at + 1) => {
                    self.start(&ident.to_string(), module)
                }
                _ => None,
            };
            match (token, &tokens[at + 1..]) {
                _ if start.is_some() => {
                    at = self.path(&tokens, at + 3, start.unwrap_or_default());
                    continue;
                }
                (TokenTree::Punct(mark), [TokenTree::Group(group), ..])
                    if mark.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    self.attribute(group.stream(), module);
                }
                (TokenTree::Ident(word), [TokenTree::Ident(name), TokenTree::Group(group), ..])
                    if word == "mod" =>
                {
                    let mut module = module.to_vec();
                    module.push(name.to_string());
                    self.tokens(group.stream(), &module);
                    at += 2;
                }
                (TokenTree::Group(group), _) => self.tokens(group.stream(), module),
                _ => {}
            }
            at += 1;
        }
    }

    /// The module that the first word of a path stands for.
    fn start(&self, word: &str, module: &[String]) -> Option<Vec<String>> {
        match word {
            "crate" => Some(Vec::new()),
            "self" => Some(module.to_vec()),
            "super" => Some(module[..module.len().saturating_sub(1)].to_vec()),
            _ => self.aliases.contains(word).then(Vec::new),
        }
    }

    /// Follows a path, or the tree of a `use`, from what is known of it; answers where it ends.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, mut path: Vec<String>) -> usize {
        let line = tokens.get(at).map_or(0, |token| token.span().start().line);
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) if word == "super" => _ = path.pop(),
                Some(TokenTree::Ident(word)) if word == "self" => {}
                Some(TokenTree::Ident(word)) => path.push(word.to_string()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
                    let branches = tokens.split(|token| is_mark(token, ','));
                    for branch in branches.filter(|branch| !branch.is_empty()) {
                        self.path(branch, 0, path.clone());
                    }
                    return at + 1;
                }
                // A glob, generics, or a name that a macro is given.
                _ => break,
            }
            at += 1;
            if !is_colons(tokens, at) {
                break;
            }
            at += 2;
        }
        self.mentions.push(Mention { path, line });
        at
    }

    /// Attributes name functions in strings: `#[serde(default = "crate::works::none")]`.
    fn attribute(&mut self, tokens: TokenStream, module: &[String]) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) if word == "doc" => return,
                TokenTree::Group(group) => self.attribute(group.stream(), module),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse2::<syn::LitStr>(literal.into_token_stream())
                        && let Ok(path) = text.parse::<syn::Path>()
                    {
                        self.tokens(path.into_token_stream(), module);
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| tokens.get(at).is_some_and(|token| is_mark(token, ':'));
    is_colon(at) && is_colon(at + 1)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// The shortest circle through each unit, unless all of it was seen in another.
fn found(graph: &Graph) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut shown = Vec::new();
    for unit in graph.keys() {
        let Some(circle) = shortest(graph, unit) else { continue };
        if circle.iter().all(|unit| seen.contains(unit)) {
            continue;
        }
        let mut text = unit.clone();
        for (at, from) in circle.iter().enumerate() {
            let to = &circle[(at + 1) % circle.len()];
            text.push_str(&format!(" → {to} ({})", graph[from][to]));
        }
        seen.extend(circle);
        shown.push(text);
    }
    shown
}

/// The fewest units through which one comes back to itself, beginning with it.
fn shortest(graph: &Graph, unit: &String) -> Option<Vec<String>> {
    let mut before: BTreeMap<&String, &String> = BTreeMap::new();
    let mut next = VecDeque::from([unit]);
    while let Some(from) = next.pop_front() {
        for to in graph.get(from)?.keys().filter(|to| graph.contains_key(*to)) {
            if to == unit {
                let mut circle = vec![from.clone()];
                let mut at = from;
                while let Some(earlier) = before.get(at) {
                    circle.push((*earlier).clone());
                    at = earlier;
                }
                circle.reverse();
                return Some(circle);
            }
            if !before.contains_key(to) {
                before.insert(to, from);
                next.push_back(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
