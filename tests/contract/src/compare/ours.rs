//! Reads one schema of the server's own description, in any form that its generator may produce.

use std::collections::BTreeSet;

use serde_json::Value;

/// How deep compositions may nest; a description that contains itself ends here.
const DEPTH: usize = 16;

/// A schema of ours, flattened.
#[derive(Debug, Default)]
pub(super) struct Ours<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) kinds: BTreeSet<&'a str>,
    pub(super) nullable: bool,
    pub(super) values: BTreeSet<&'a str>,
    /// A text outside `values` is allowed, too.
    pub(super) any_text: bool,
    pub(super) members: Vec<OurMember<'a>>,
    pub(super) items: Option<&'a Value>,
    /// Members that are not named are allowed, too.
    pub(super) free: bool,
    pub(super) sizes: Vec<(&'a str, u64)>,
    demands: Vec<Demand<'a>>,
}

/// A demanded member, and the variant that demands it.
type Demand<'a> = (&'a str, Option<&'a str>);

/// A member of ours.
#[derive(Debug)]
pub(super) struct OurMember<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    /// The value of the tag under which it exists.
    pub(super) variant: Option<&'a str>,
}

/// Where a schema is being read.
#[derive(Clone, Copy)]
struct Place<'a> {
    variant: Option<&'a str>,
    depth: usize,
}

impl<'a> Ours<'a> {
    /// Reads `schema` of `document`; `tag` is the member that selects variants in the contract.
    pub(super) fn read(document: &'a Value, schema: &'a Value, tag: Option<&str>) -> Self {
        let name = follow(document, schema).map(|(name, _)| name);
        let mut ours = Self { name, ..Self::default() };
        let place = Place { variant: None, depth: 0 };
        ours.add(document, schema, tag, place);
        ours
    }

    /// Whether the member is required whenever its variant applies.
    pub(super) fn demands(&self, name: &str, variant: Option<&str>) -> bool {
        let holds = |of: Option<&str>| of.is_none() || of == variant;
        self.demands.iter().any(|(each, of)| *each == name && holds(*of))
    }

    fn add(&mut self, document: &'a Value, schema: &'a Value, tag: Option<&str>, place: Place<'a>) {
        if place.depth > DEPTH {
            return;
        }
        let deeper = Place { depth: place.depth + 1, ..place };
        if let Some((_, target)) = follow(document, schema) {
            self.add(document, target, tag, deeper);
        }
        self.kinds_of(schema);
        self.members_of(schema, place);
        self.items = self.items.or_else(|| schema.get("items"));
        for keyword in ["minLength", "maxLength", "minItems", "maxItems"] {
            let size = schema.get(keyword).and_then(Value::as_u64);
            self.sizes.extend(size.map(|size| (keyword, size)));
        }
        for part in list(schema, "allOf") {
            self.add(document, part, tag, deeper);
        }
        self.branches(document, schema, tag, deeper);
    }

    fn branches(
        &mut self,
        document: &'a Value,
        schema: &'a Value,
        tag: Option<&str>,
        place: Place<'a>,
    ) {
        // What every branch demands is demanded; what only some do is not.
        let mut common: Option<Vec<Demand<'a>>> = None;
        for branch in list(schema, "oneOf").chain(list(schema, "anyOf")) {
            let variants = tag.map(|tag| tag_values(document, schema, branch, tag));
            let variants = variants.filter(|_| place.variant.is_none()).unwrap_or_default();
            for variant in &variants {
                let variant = Some(*variant);
                self.add(document, branch, tag, Place { variant, ..place });
            }
            if variants.is_empty() && branch["type"] != "null" {
                let end = self.demands.len();
                // A variant within a variant is known by the outer one alone.
                self.add(document, branch, tag, place);
                let own = self.demands.split_off(end);
                match &mut common {
                    Some(common) => common.retain(|each| own.contains(each)),
                    None => common = Some(own),
                }
            } else if variants.is_empty() {
                self.nullable = true;
            }
        }
        self.demands.extend(common.unwrap_or_default());
    }

    fn kinds_of(&mut self, schema: &'a Value) {
        let mut text = false;
        let types = schema.get("type");
        let one = types.and_then(Value::as_str).into_iter();
        let many = types.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for kind in one.chain(many) {
            text |= kind == "string";
            if kind == "null" {
                self.nullable = true;
            } else {
                self.kinds.insert(kind);
            }
        }
        self.nullable |= schema["nullable"] == true;
        let listed = schema.get("const").into_iter().chain(list(schema, "enum"));
        let mut closed = false;
        for value in listed {
            closed = true;
            match value {
                Value::String(value) => {
                    self.kinds.insert("string");
                    self.values.insert(value);
                }
                Value::Null => self.nullable = true,
                _ => {}
            }
        }
        self.any_text |= text && !closed;
    }

    fn members_of(&mut self, schema: &'a Value, place: Place<'a>) {
        let Some(members) = schema.get("properties").and_then(Value::as_object) else {
            self.free |= schema["type"] == "object" && schema["additionalProperties"] != false;
            self.demands_of(schema, place);
            return;
        };
        self.free |= schema.get("additionalProperties").is_some_and(|free| free != false);
        for (name, schema) in members {
            self.members.push(OurMember { name, schema, variant: place.variant });
        }
        self.demands_of(schema, place);
    }

    fn demands_of(&mut self, schema: &'a Value, place: Place<'a>) {
        let names = list(schema, "required").filter_map(Value::as_str);
        self.demands.extend(names.map(|name| (name, place.variant)));
    }
}

/// The target of a reference and its name.
fn follow<'a>(document: &'a Value, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    Some((pointer.rsplit('/').next()?, document.pointer(pointer)?))
}

/// The values of the tag that lead to `branch`: given by a discriminator, or by the branch itself.
fn tag_values<'a>(
    document: &'a Value,
    union: &'a Value,
    branch: &'a Value,
    tag: &str,
) -> Vec<&'a str> {
    let discriminator = union.get("discriminator").filter(|it| it["propertyName"] == tag);
    match discriminator.and_then(|it| it["mapping"].as_object()) {
        Some(mapping) => {
            let here = mapping.iter().filter(|(_, target)| **target == branch["$ref"]);
            here.map(|(value, _)| value.as_str()).collect()
        }
        None => tag_value(document, branch, tag, 0).into_iter().collect(),
    }
}

/// The only value that `branch` lets the tag have.
fn tag_value<'a>(
    document: &'a Value,
    branch: &'a Value,
    tag: &str,
    depth: usize,
) -> Option<&'a str> {
    if depth > DEPTH {
        return None;
    }
    let single = |schema: &'a Value| {
        let only = schema.get("enum").and_then(Value::as_array).filter(|all| all.len() == 1);
        schema.get("const").or_else(|| only?.first())?.as_str()
    };
    let own = branch.get("properties").and_then(|members| members.get(tag));
    let own = own.and_then(|schema| single(schema).or_else(|| single(follow(document, schema)?.1)));
    let deeper = |schema| tag_value(document, schema, tag, depth + 1);
    own.or_else(|| deeper(follow(document, branch)?.1))
        .or_else(|| list(branch, "allOf").find_map(deeper))
}

fn list<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten()
}
