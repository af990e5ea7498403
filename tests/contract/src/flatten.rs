//! Flattens an object schema: follows references, joins `all` parts, chooses variants.

use crate::model::{Facts, Schema, Tier};

/// Which variants of a union to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick<'a> {
    /// The one that the tag's value names.
    One(&'a str),
    /// All of them.
    Every,
    /// None of them.
    Nothing,
}

/// The tag value under which a member exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant<'a> {
    /// The member that selects.
    pub tag: &'a str,
    /// Its value.
    pub value: &'a str,
}

/// A member of a flat object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub schema: &'a Schema,
    /// Whether only the beta document has it.
    pub beta: bool,
    /// The variants that have it; empty when the object always has it.
    pub variants: Vec<Variant<'a>>,
}

/// A demand for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand<'a> {
    /// The required member.
    pub name: &'a str,
    /// Which contract demands it.
    pub tier: Tier,
    /// The variant that demands it.
    pub variant: Option<Variant<'a>>,
}

/// A flat object.
#[derive(Clone, Debug, Default)]
pub struct View<'a> {
    /// The named schemas that it is made of, outermost first.
    pub names: Vec<&'a str>,
    /// Its members.
    pub members: Vec<Member<'a>>,
    /// The required members.
    pub demands: Vec<Demand<'a>>,
    /// Type of the values behind free keys.
    pub map: Option<&'a Schema>,
    /// Every variant that could be chosen, taken or not.
    pub variants: Vec<Variant<'a>>,
    closed: bool,
}

impl View<'_> {
    /// Whether the members are not specified, so that any are allowed.
    pub fn is_free(&self) -> bool {
        self.members.is_empty() && self.map.is_none() && !self.closed
    }
}

/// Flattens `schema`; `pick` chooses among a union's variants and gets the union's node.
pub fn flatten<'a>(
    facts: &'a Facts,
    schema: &'a Schema,
    pick: &mut dyn FnMut(&'a Schema) -> Pick<'a>,
) -> View<'a> {
    let mut view = View::default();
    add(facts, schema, pick, (false, None), &mut view);
    view
}

fn add<'a>(
    facts: &'a Facts,
    schema: &'a Schema,
    pick: &mut dyn FnMut(&'a Schema) -> Pick<'a>,
    (beta, variant): (bool, Option<Variant<'a>>),
    view: &mut View<'a>,
) {
    let mut schema = schema;
    let mut beta = beta || schema.beta;
    while let Some(name) = &schema.reference {
        let Some(next) = facts.schemas.get(name) else {
            return;
        };
        view.names.push(name);
        schema = next;
        beta |= schema.beta;
    }
    view.closed |= schema.closed;
    view.map = view.map.or(schema.map.as_deref());
    for (name, member) in &schema.members {
        put(view, name, member, beta || member.beta, variant);
    }
    let demands = [(&schema.required, Tier::Public), (&schema.beta_required, Tier::Beta)];
    for (names, tier) in demands {
        view.demands.extend(names.iter().map(|name| Demand { name, tier, variant }));
    }
    for part in &schema.all {
        add(facts, part, pick, (beta, variant), view);
    }
    let Some(tag) = &schema.tag else { return };
    let picked = pick(schema);
    // Within a variant, a demand of only some of its own variants can't be named.
    let nested = picked == Pick::Every && variant.is_some();
    let mut common: Option<Vec<Demand<'a>>> = None;
    for (value, target) in &schema.variants {
        let this = Variant { tag, value };
        view.variants.push(this);
        let taken = match picked {
            Pick::One(wanted) => wanted == value,
            Pick::Every => true,
            Pick::Nothing => false,
        };
        if !taken {
            continue;
        }
        let start = view.demands.len();
        // A variant within a variant is known by the outer one alone.
        add(facts, target, pick, (beta, variant.or(Some(this))), view);
        if nested {
            let own = view.demands.split_off(start);
            match &mut common {
                Some(common) => common.retain(|each| own.contains(each)),
                None => common = Some(own),
            }
        }
    }
    view.demands.extend(common.unwrap_or_default());
}

fn put<'a>(
    view: &mut View<'a>,
    name: &'a str,
    schema: &'a Schema,
    beta: bool,
    variant: Option<Variant<'a>>,
) {
    if let Some(there) =
        view.members.iter_mut().find(|each| each.name == name && each.schema == schema)
    {
        there.beta &= beta;
        match variant {
            // It is in the common part already, or belongs there from now on.
            Some(variant) if !there.variants.is_empty() => there.variants.push(variant),
            _ => there.variants.clear(),
        }
        return;
    }
    let variants = variant.into_iter().collect();
    view.members.push(Member { name, schema, beta, variants });
}
