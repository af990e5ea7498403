//! The members of a request as a list of facts, for making malformed requests and for listings.

use crate::flatten::{Pick, Variant, flatten};
use crate::model::{Facts, Kind, Limits, Schema, StockValue, Tier};

/// One member of a request, with what it holds.
#[derive(Clone, Debug)]
pub struct FieldFact {
    /// Its own name; the elements of an array are called `[]`, free keys `*`.
    pub name: &'static str,
    /// Its place in the body: `artifacts.add[]`.
    pub path: String,
    /// Its JSON type; none means any.
    pub kind: Option<Kind>,
    /// The named schema that describes it.
    pub schema: Option<&'static str>,
    /// `id`, `text`, `date-time`, …
    pub format: Option<&'static str>,
    /// Which contract demands it (within its parent, and within its variant).
    pub required: Option<Tier>,
    /// Which contract has it.
    pub tier: Tier,
    /// `null` clears it.
    pub nullable: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Its size and range.
    pub limits: &'static Limits,
    /// The allowed texts.
    pub values: &'static [String],
    /// Allowed texts that only the beta document knows.
    pub beta_values: &'static [String],
    /// Stock values of a numbered enumeration.
    pub stock: &'static [StockValue],
    /// The variants of the parent that have it; empty when it is always there.
    pub variants: Vec<Variant<'static>>,
    /// The members of an object, or the one element type of an array.
    pub fields: Vec<FieldFact>,
    /// Whether it is of a type that contains it; its members are given further up.
    pub recursive: bool,
}

impl FieldFact {
    /// This field and all below it, parents first.
    pub fn walk(&self) -> Vec<&FieldFact> {
        let mut found = vec![self];
        for field in &self.fields {
            found.extend(field.walk());
        }
        found
    }
}

/// The members of the named schema.
pub(crate) fn of(name: &str) -> Vec<FieldFact> {
    let facts = Facts::get();
    match facts.schemas.get_key_value(name) {
        Some((name, schema)) => members(schema, "", &mut vec![name.as_str()]),
        None => Vec::new(),
    }
}

fn members(schema: &'static Schema, path: &str, above: &mut Vec<&'static str>) -> Vec<FieldFact> {
    let view = flatten(Facts::get(), schema, &mut |_| Pick::Every);
    let mut fields = Vec::new();
    for member in &view.members {
        let path = match path {
            "" => member.name.to_owned(),
            _ => format!("{path}.{}", member.name),
        };
        let mut field = field(member.name, path, member.schema, above);
        if member.beta {
            field.tier = Tier::Beta;
        }
        // A demand of one variant does not apply to the same member of another.
        let demands = view.demands.iter().filter(|each| {
            each.name == member.name && each.variant.is_none_or(|of| member.variants.contains(&of))
        });
        field.required = demands.map(|each| each.tier).min();
        field.variants.clone_from(&member.variants);
        fields.push(field);
    }
    if let Some(map) = view.map {
        fields.push(self::field("*", format!("{path}.*"), map, above));
    }
    fields
}

fn field(
    name: &'static str,
    path: String,
    schema: &'static Schema,
    above: &mut Vec<&'static str>,
) -> FieldFact {
    let (named, resolved) = Facts::get().resolve(schema);
    let kind = resolved.kind.or_else(|| resolved.is_object().then_some(Kind::Object));
    let recursive = named.is_some_and(|named| above.contains(&named));
    let mut fields = Vec::new();
    if !recursive {
        above.extend(named);
        match kind {
            Some(Kind::Object) => fields = members(resolved, &path, above),
            Some(Kind::Array) => {
                let items = resolved.items.as_deref();
                fields = items
                    .map(|items| field("[]", format!("{path}[]"), items, above))
                    .into_iter()
                    .collect();
            }
            _ => {}
        }
        above.truncate(above.len() - usize::from(named.is_some()));
    }
    FieldFact {
        name,
        path,
        kind,
        schema: named,
        format: resolved.format.as_deref(),
        required: None,
        tier: if schema.beta || resolved.beta { Tier::Beta } else { Tier::Public },
        nullable: schema.nullable || resolved.nullable,
        deprecated: schema.deprecated || resolved.deprecated,
        limits: &resolved.limits,
        values: &resolved.values,
        beta_values: &resolved.beta_values,
        stock: &resolved.stock,
        variants: Vec::new(),
        fields,
        recursive,
    }
}
