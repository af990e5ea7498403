//! Compares the server's own `OpenAPI` description with the contract.
//!
//! A difference is named after the contract's schema in which it occurs and reported once, however
//! many operations use that schema, so that a committed list of differences stays short and stable.

mod ours;

use std::collections::BTreeSet;
use std::fmt;

use ours::{OurMember, Ours};
use serde_json::Value;

use crate::check::Side;
use crate::extras::Extras;
use crate::flatten::{Member, Pick, View, flatten};
use crate::model::{Facts, Kind, Method, Operation, Schema, Tier};

/// A place where the server's description and the contract differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The contract's schema and the member within it, or the operation: `work-base.owned_by[]`.
    pub at: String,
    /// What sort of difference it is.
    pub gap: Gap,
    /// What differs, in a sentence.
    pub message: String,
    /// `request` or `response`; empty when it concerns the operation.
    pub side: &'static str,
}

/// The sort of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// The contract has no such operation, or it has no such method or status.
    Operation,
    /// The contract's member is not in ours.
    Missing,
    /// The contract does not know our member.
    Unknown,
    /// A different JSON type.
    Type,
    /// Required in ours and optional in the contract.
    Required,
    /// A different set of values.
    Values,
    /// A different limit.
    Limit,
    /// `null` is allowed in ours and not in the contract.
    Null,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.side.is_empty() { "" } else { " " };
        write!(out, "{}{space}{}: {}", self.side, self.at, self.message)
    }
}

/// Every difference between the contract and `ours`, an `OpenAPI` 3.1 document, ordered by place.
///
/// What the contract or `extras.json` allows is not a difference. Neither are operations that
/// `ours` lacks: how many are served is another question.
pub fn compare_openapi(ours: &Value) -> Vec<Difference> {
    let mut walk = Walk {
        facts: Facts::get(),
        document: ours,
        side: Side::Request,
        seen: BTreeSet::new(),
        found: BTreeSet::new(),
    };
    for (path, methods) in ours["paths"].as_object().into_iter().flatten() {
        if !path.starts_with("/internal/") {
            walk.operation(path.trim_start_matches('/'), methods);
        }
    }
    walk.found.into_iter().collect()
}

struct Walk<'a> {
    facts: &'static Facts,
    document: &'a Value,
    side: Side,
    /// Pairs of named schemas that have been compared.
    seen: BTreeSet<(&'static str, &'a str, bool)>,
    found: BTreeSet<Difference>,
}

impl<'a> Walk<'a> {
    fn tell(&mut self, at: &str, gap: Gap, message: String) {
        let side = match self.side {
            _ if gap == Gap::Operation => "",
            Side::Request => "request",
            Side::Response => "response",
        };
        self.found.insert(Difference { at: at.to_owned(), gap, message, side });
    }

    fn operation(&mut self, id: &str, methods: &'a Value) {
        let Some(operation) = self.facts.operation(id) else {
            self.tell(id, Gap::Operation, format!("the contract has no {id}"));
            return;
        };
        if let Some(get) = methods.get("get") {
            self.query(operation, get);
        }
        let Some(post) = methods.get("post") else {
            self.tell(id, Gap::Operation, format!("{id} does not answer POST"));
            return;
        };
        let request = &post["requestBody"]["content"]["application/json"]["schema"];
        self.body(Side::Request, &operation.request, request);
        let answers = post["responses"].as_object().into_iter().flatten();
        for (status, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
            if *status != operation.status.to_string() {
                let message = format!("answers {status} instead of {}", operation.status);
                self.tell(id, Gap::Operation, message);
            }
            let schema = &answer["content"]["application/json"]["schema"];
            match &operation.response {
                Some(name) => self.body(Side::Response, name, schema),
                None if !schema.is_null() => {
                    self.side = Side::Response;
                    self.tell(id, Gap::Unknown, "the contract's answer is empty".to_owned());
                }
                None => {}
            }
        }
    }

    fn query(&mut self, operation: &'static Operation, get: &'a Value) {
        self.side = Side::Request;
        if !operation.methods.contains(&Method::Get) {
            let message = format!("{} has no GET in the contract", operation.id);
            self.tell(&operation.id, Gap::Operation, message);
            return;
        }
        let named = get["parameters"].as_array().into_iter().flatten();
        let ours: BTreeSet<_> = named.filter_map(|each| each["name"].as_str()).collect();
        let theirs: BTreeSet<_> = operation.query.iter().map(|each| each.name.as_str()).collect();
        for name in theirs.difference(&ours) {
            let at = format!("{}?{name}", operation.id);
            self.tell(&at, Gap::Missing, "ours lacks the parameter".to_owned());
        }
        for name in ours.difference(&theirs) {
            let at = format!("{}?{name}", operation.id);
            self.tell(&at, Gap::Unknown, "the contract does not know the parameter".to_owned());
        }
    }

    fn body(&mut self, side: Side, name: &'static str, ours: &'a Value) {
        self.side = side;
        let Some(schema) = self.facts.schemas.get(name) else {
            return;
        };
        if !ours.is_null() {
            self.schema(schema, Some(name), ours, name);
        } else if !schema.members.is_empty() || !schema.all.is_empty() {
            self.tell(name, Gap::Missing, "ours has no schema".to_owned());
        }
    }

    fn schema(
        &mut self,
        theirs: &'static Schema,
        name: Option<&'static str>,
        ours: &'a Value,
        at: &str,
    ) {
        let (named, resolved) = self.facts.resolve(theirs);
        let name = named.or(name);
        let Some(kind) = resolved.kind.or_else(|| resolved.is_object().then_some(Kind::Object))
        else {
            return;
        };
        let mut view = flatten(self.facts, theirs, &mut |_| Pick::Every);
        // A body is given by its schema, not by a reference that would name it.
        view.names.extend(name.filter(|name| !view.names.contains(name)));
        let tag = view.variants.first().map(|variant| variant.tag);
        let ours = Ours::read(self.document, ours, tag);
        self.nullability(theirs, &ours, at);
        // From here on, the schema is compared only once, wherever it is used.
        if let (Some(name), Some(ours)) = (name, ours.name) {
            let request = self.side == Side::Request;
            if !self.seen.insert((name, ours, request)) {
                return;
            }
        }
        // If the type is not specified, any is allowed, which no caller can rely on.
        if !ours.kinds.contains(kind.name()) {
            let has = ours.kinds.iter().copied().collect::<Vec<_>>().join(" or ");
            let has = if has.is_empty() { "of any type" } else { &has };
            self.tell(at, Gap::Type, format!("ours is {has}, the contract's {}", kind.name()));
            return;
        }
        let at = name.unwrap_or(at);
        match kind {
            Kind::String => self.values(resolved, name, &ours, at),
            Kind::Array => {
                if let (Some(theirs), Some(ours)) = (resolved.items.as_deref(), ours.items) {
                    self.schema(theirs, None, ours, &format!("{at}[]"));
                }
            }
            Kind::Object => self.members(&view, &ours, at),
            _ => {}
        }
        self.sizes(resolved, &ours, at);
    }

    fn nullability(&mut self, theirs: &Schema, ours: &Ours<'_>, at: &str) {
        match (self.side, theirs.nullable, ours.nullable) {
            (Side::Request, true, false) => {
                self.tell(at, Gap::Null, "ours cannot be cleared with null".to_owned());
            }
            (Side::Response, false, true) => {
                self.tell(at, Gap::Null, "ours may be null".to_owned());
            }
            _ => {}
        }
    }

    fn values(&mut self, theirs: &Schema, name: Option<&str>, ours: &Ours<'_>, at: &str) {
        let known: BTreeSet<_> = theirs.all_values().collect();
        if known.is_empty() || (ours.any_text && ours.values.is_empty()) {
            if !known.is_empty() {
                self.tell(at, Gap::Values, "ours does not list the values".to_owned());
            }
            return;
        }
        for value in known.difference(&ours.values) {
            self.tell(at, Gap::Values, format!("ours lacks {value:?}"));
        }
        let extra = |value: &str| name.is_some_and(|name| Extras::get().value(name, value));
        for value in ours.values.difference(&known).filter(|value| !extra(value)) {
            self.tell(at, Gap::Values, format!("the contract does not know {value:?}"));
        }
    }

    fn members(&mut self, view: &View<'static>, ours: &Ours<'a>, at: &str) {
        for theirs in &view.members {
            let place = format!("{at}.{}", theirs.name);
            let mut same = ours.members.iter().filter(|each| same(theirs, each)).peekable();
            if same.peek().is_none() && !ours.free {
                let tier = if theirs.beta { " (beta)" } else { "" };
                self.tell(&place, Gap::Missing, format!("ours lacks the member{tier}"));
            }
            // If a name has several meanings that no variant distinguishes, nothing is compared.
            let clear = |mine: &&OurMember<'_>| {
                let twins =
                    |each: &&OurMember<'_>| each.name == mine.name && each.variant == mine.variant;
                view.members.iter().filter(|each| self::same(each, mine)).count() == 1
                    && ours.members.iter().filter(twins).count() == 1
            };
            for ours_member in same.filter(clear) {
                self.demand(view, theirs, ours, ours_member, &place);
                self.schema(theirs.schema, None, ours_member.schema, &place);
            }
        }
        if view.is_free() || view.map.is_some() {
            return;
        }
        let extras = Extras::get();
        for each in &ours.members {
            let known = view.members.iter().any(|theirs| same(theirs, each));
            let extra =
                self.side == Side::Response && extras.member(&view.names, each.name).is_some();
            if !known && !extra {
                let within = each.variant.map(|of| format!(" of {of}")).unwrap_or_default();
                let message = format!("the contract does not know the member{within}");
                self.tell(&format!("{at}.{}", each.name), Gap::Unknown, message);
            }
        }
    }

    fn demand(
        &mut self,
        view: &View<'_>,
        theirs: &Member<'_>,
        ours: &Ours<'_>,
        member: &OurMember<'_>,
        at: &str,
    ) {
        let demands = view.demands.iter().filter(|each| {
            let holds = each.variant.is_none_or(|of| {
                // A demand of one variant applies to ours only if ours has the variant, too.
                theirs.variants.contains(&of) && member.variant == Some(of.value)
            });
            each.name == theirs.name && holds
        });
        let ours = ours.demands(theirs.name, member.variant);
        // A branch demands its tag, or it would not be one.
        let tag = view.variants.iter().any(|each| each.tag == theirs.name);
        let tag = tag && member.variant.is_some();
        match demands.map(|each| each.tier).min() {
            Some(Tier::Public) if !ours => {
                self.tell(at, Gap::Required, "ours is optional, the contract's not".to_owned());
            }
            None if ours && !tag && self.side == Side::Request => {
                self.tell(at, Gap::Required, "ours is required, the contract's not".to_owned());
            }
            _ => {}
        }
    }

    fn sizes(&mut self, theirs: &Schema, ours: &Ours<'_>, at: &str) {
        if self.side == Side::Response {
            return;
        }
        let limits = &theirs.limits;
        for (keyword, theirs) in [
            ("minLength", limits.min_length),
            ("maxLength", limits.max_length),
            ("minItems", limits.min_items),
            ("maxItems", limits.max_items),
        ] {
            let ours = ours.sizes.iter().find(|(name, _)| *name == keyword).map(|(_, size)| *size);
            // A bound where the contract has none is a matter of taste; a different one is not.
            if let Some(theirs) = theirs.filter(|theirs| ours != Some(*theirs)) {
                let ours = ours.map_or("nothing".to_owned(), |size| size.to_string());
                let message = format!("{keyword} is {ours} in ours, {theirs} in the contract");
                self.tell(at, Gap::Limit, message);
            }
        }
    }
}

/// Whether the two are the same member of the same variant.
fn same(theirs: &Member<'_>, ours: &OurMember<'_>) -> bool {
    theirs.name == ours.name
        && match ours.variant {
            Some(value) if !theirs.variants.is_empty() => {
                theirs.variants.iter().any(|each| each.value == value)
            }
            _ => true,
        }
}
