//! What must hold of the facets of an entry.

use worksmith_wire::{Id, Kind};

use super::entry::{CREATED_BY, IN, KIND, facet};
use crate::erased::Cond;
use crate::row::Value;

/// A condition on facets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The entry has this value.
    Has(String),
    /// All of these hold.
    All(Vec<Needs>),
    /// One of these holds.
    Any(Vec<Needs>),
    /// This does not hold.
    Not(Box<Needs>),
}

impl Needs {
    /// The facet has one of the values.
    pub fn one_of<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Any(values.into_iter().map(|value| Self::Has(facet(key, value))).collect())
    }

    /// The facet refers to one of the objects.
    pub fn refers_to<'a>(key: &str, ids: impl IntoIterator<Item = &'a Id>) -> Self {
        Self::Any(ids.into_iter().map(|id| Self::Has(facet(key, &id.to_string()))).collect())
    }

    /// The object is of one of the kinds; if `is_part`, the one that it belongs to.
    pub fn of_kinds<'a>(kinds: impl IntoIterator<Item = &'a Kind>, is_part: bool) -> Self {
        Self::one_of(if is_part { IN } else { KIND }, kinds.into_iter().map(|kind| kind.noun()))
    }

    /// What has to hold of the facets with these keys where a condition holds; more may have to
    /// hold besides. `None` if nothing has.
    pub fn implied(cond: &Cond, keys: &[&str]) -> Option<Self> {
        let all = |conds: &[Cond]| -> Vec<Self> {
            conds.iter().filter_map(|cond| Self::implied(cond, keys)).collect()
        };
        let key = |name: &str| keys.contains(&name) || [KIND, CREATED_BY].contains(&name);
        match cond {
            Cond::All(conds) => {
                let needs = all(conds);
                (!needs.is_empty()).then_some(Self::All(needs))
            }
            Cond::Any(conds) => {
                let needs = all(conds);
                (needs.len() == conds.len()).then_some(Self::Any(needs))
            }
            Cond::OneOf(column, values) if key(column) => {
                let has = values.iter().map(|value| match value {
                    Value::Text(text) => Some(Self::Has(facet(column, text))),
                    Value::Integer(number) => Some(Self::Has(facet(column, &number.to_string()))),
                    Value::Real(_) | Value::Null => None,
                });
                has.collect::<Option<Vec<_>>>().map(Self::Any)
            }
            Cond::RefersTo(field, ids) if key(field) => Some(Self::refers_to(field, ids)),
            // The opposite is known only of what is known completely.
            Cond::Not(cond) => match &**cond {
                Cond::OneOf(..) | Cond::RefersTo(..) => {
                    Self::implied(cond, keys).map(|needs| Self::Not(Box::new(needs)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it holds for an entry with these facets.
    pub fn holds(&self, facets: &[String]) -> bool {
        match self {
            Self::Has(value) => facets.contains(value),
            Self::All(needs) => needs.iter().all(|needs| needs.holds(facets)),
            Self::Any(needs) => needs.iter().any(|needs| needs.holds(facets)),
            Self::Not(needs) => !needs.holds(facets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(facet: &str) -> Needs {
        Needs::Has(facet.to_owned())
    }

    #[test]
    fn a_condition_implies_what_is_known_of_it_and_never_more() {
        let is = |column, value: &str| Cond::OneOf(column, vec![value.into()]);
        let implied = |cond: &Cond| Needs::implied(cond, &["state", "owned_by"]);
        assert_eq!(implied(&is("state", "open")), Some(Needs::Any(vec![has("state=open")])));
        assert_eq!(implied(&is("title", "x")), None);
        let both = Cond::All(vec![is("state", "open"), is("title", "x")]);
        let known = Needs::All(vec![Needs::Any(vec![has("state=open")])]);
        assert_eq!(implied(&both), Some(known));
        // Something unknown may hold instead.
        assert_eq!(implied(&Cond::Any(vec![is("state", "open"), is("title", "x")])), None);
        // It may not hold for other reasons.
        assert_eq!(implied(&Cond::Not(Box::new(both))), None);
        assert_eq!(implied(&Cond::never()), Some(Needs::Any(vec![])));
        assert_eq!(implied(&Cond::always()), None);
        let ids = vec![Id::numbered(Kind::DevUser, 3)];
        let refers = Cond::Not(Box::new(Cond::RefersTo("owned_by", ids)));
        let not = Needs::Not(Box::new(Needs::Any(vec![has("owned_by=dev_user/3")])));
        assert_eq!(implied(&refers), Some(not));
    }

    #[test]
    fn values_are_spelled_without_case_and_without_what_indexes_split_at() {
        assert_eq!(facet("subtype", "Bug Fix"), "subtype=bug~20.fix");
        assert_eq!(facet("a", "x=y'\"\\"), "a=x~3d.y~27.~22.~5c.");
        let facets = ["state=open".to_owned(), "subtype=bug~20.fix".to_owned()];
        assert!(Needs::one_of("subtype", ["bug fix"]).holds(&facets));
        assert!(!Needs::Not(Box::new(has("state=open"))).holds(&facets));
        assert!(!Needs::Any(Vec::new()).holds(&facets));
    }
}
