//! Searching the objects of all families that declare how they are found
//! ([`Resource::SEARCH`](worksmith_kernel::Resource::SEARCH)). The engine's `Search` finds them;
//! this reads queries and shows results.

use worksmith_engine::{
    Audience, FoundObject, FoundPage, FoundPart, Op, OpTable, Search, SearchOrder, SearchPage, Tx,
};
use worksmith_fields::{schemas::leaf, stages};
use worksmith_kernel::search::{Filter, Needs, Searched, Terms};
use worksmith_kernel::{Error, Expander, Family, Result};
use worksmith_wire::search::{
    CommentResult, CoreRequest, CoreResponse, HybridRequest, HybridResponse, RankedBy,
    SearchNamespace, SearchResult, SearchSortBy, SearchSortOrder,
};
use worksmith_wire::{ApiError, Direction, Id, Kind, PageRequest};

/// How many results a page has, if the request does not say.
const LIMIT: usize = 10;
/// The most results of a page, and of a hybrid search.
const LIMIT_MAX: usize = 100;
const HYBRID_MAX: usize = 50;

/// The filters that are no values of objects: by the type of the object, and by the state of its
/// stage.
const TYPES: [&str; 2] = ["type", "namespace"];
const STATE: &str = "state";
/// The filter by the author, which all objects have.
const AUTHOR: &str = "created_by";
/// The facet with the stage of an object, for those that have a state.
const STAGE: &str = "stage";

/// Registers the operations.
pub fn ops(table: &mut OpTable) {
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::read("search.core", "search")), core);
    table.add(everyone(Op::read("search.hybrid", "search")), hybrid);
}

async fn core(tx: &mut Tx, request: CoreRequest) -> Result<CoreResponse> {
    let CoreRequest { query, mut namespaces, namespace, sort_by, sort_order, page } = request;
    namespaces.extend(namespace);
    let mut search = read(tx, &query, &namespaces).await?;
    search.order = match sort_by {
        None | Some(SearchSortBy::Relevance) => SearchOrder::Relevance,
        Some(SearchSortBy::CreatedDate) => SearchOrder::Created,
        Some(SearchSortBy::ModifiedDate) => SearchOrder::Modified,
    };
    search.direction = sort_order.map(|order| match order {
        SearchSortOrder::Asc => Direction::Asc,
        SearchSortOrder::Desc => Direction::Desc,
    });
    let PageRequest { cursor, limit, mode } = page;
    let page = SearchPage { cursor: cursor.as_deref(), mode, limit: at_most(limit, LIMIT_MAX) };
    let FoundPage { found, next_cursor, prev_cursor } = tx.search(&search, page).await?;
    Ok(CoreResponse { results: results(tx, found).await?, next_cursor, prev_cursor })
}

async fn hybrid(tx: &mut Tx, request: HybridRequest) -> Result<HybridResponse> {
    let HybridRequest { query, namespace, mut namespaces, limit, semantic_weight, cursor: _ } =
        request;
    namespaces.extend(namespace);
    if namespaces.is_empty() {
        return Err(ApiError::missing("namespace").into());
    }
    if semantic_weight.is_some_and(|weight| !(0.0..=1.0).contains(&weight)) {
        let message = "semantic_weight lies between 0 and 1";
        let error = ApiError::not_permitted("semantic_weight", message);
        return Err(error.with("reason", "0 to 1").into());
    }
    let query = query.map(String::from).unwrap_or_default();
    let search = read(tx, &query, &namespaces).await?;
    let page = SearchPage { cursor: None, mode: None, limit: at_most(limit, HYBRID_MAX) };
    let found = tx.search(&search, page).await?.found;
    Ok(HybridResponse { results: results(tx, found).await?, ranked_by: RankedBy::Words })
}

/// Values out of range are clamped rather than refused (BEHAVIOUR 3.1).
fn at_most(limit: Option<i64>, max: usize) -> usize {
    match limit {
        None | Some(i64::MIN..=0) => LIMIT,
        Some(limit) => usize::try_from(limit).unwrap_or(max).min(max),
    }
}

/// What a caller searches for.
async fn read(tx: &mut Tx, query: &str, namespaces: &[SearchNamespace]) -> Result<Search> {
    tx.catch_up_search().await?;
    let families = tx.searched();
    let is_field = |field: &str| {
        TYPES.contains(&field)
            || [STATE, AUTHOR].contains(&field)
            || families.iter().any(|(_, searched)| facets(searched, field).next().is_some())
    };
    let mut terms = Terms::read(query, is_field);
    let filters = std::mem::take(&mut terms.filters);
    // A query such as `?!` asks for nothing, and one without words and filters for everything.
    let is_nothing = !query.is_empty() && filters.is_empty() && terms == Terms::default();
    let mut search = Search { terms, ..Search::default() };
    if !namespaces.is_empty() {
        let names = namespaces.iter().map(|namespace| namespace.as_str());
        search.kinds = Some(names.flat_map(|name| kinds(&families, name)).collect());
    }
    for filter in filters {
        if TYPES.contains(&filter.field.as_str()) {
            let kinds = of_types(&families, &filter)?;
            let kept = search.kinds.unwrap_or_else(|| all_kinds(&families));
            let is_kept = |kind: &Kind| kinds.contains(kind) != filter.is_not;
            search.kinds = Some(kept.into_iter().filter(is_kept).collect());
        } else {
            let needs = needs(tx, &families, &filter).await?;
            search.needs.push(if filter.is_not { Needs::Not(Box::new(needs)) } else { needs });
        }
    }
    if is_nothing {
        search.kinds = Some(Vec::new());
    }
    if let Ok(id) = Id::parse(query.trim(), &tx.cx().org) {
        search.named = Some(leaf::resolve(tx, id).await?);
    }
    Ok(search)
}

/// The keys of the facets that a filter names, and the kinds of objects that they refer to.
fn facets<'a>(
    searched: &'a Searched,
    field: &'a str,
) -> impl Iterator<Item = (&'static str, &'static [Kind])> + 'a {
    let named = searched.facets.iter().filter(move |(_, names, _)| names.contains(&field));
    named.map(|(key, _, kinds)| (*key, *kinds))
}

/// The kinds of objects that can be found.
fn all_kinds(families: &[(Family, Searched)]) -> Vec<Kind> {
    let found = families.iter().filter(|(_, searched)| !searched.is_part);
    found.flat_map(|(family, _)| family.table.kinds).copied().collect()
}

/// The kinds of objects that are called by a noun: their own, or that of results.
fn kinds(families: &[(Family, Searched)], noun: &str) -> Vec<Kind> {
    let found = families.iter().filter(|(_, searched)| !searched.is_part);
    let named = found.flat_map(|(family, searched)| {
        family.table.kinds.iter().filter(move |kind| kind.noun() == noun || searched.noun == noun)
    });
    named.copied().collect()
}

/// The kinds that a filter by type names.
fn of_types(families: &[(Family, Searched)], filter: &Filter) -> Result<Vec<Kind>> {
    let mut named = Vec::new();
    for value in &filter.values {
        let value = value.to_lowercase();
        let own = kinds(families, &value);
        let is_namespace = SearchNamespace::ALL.iter().any(|known| known.as_str() == value);
        if own.is_empty() && !is_namespace {
            let all = all_kinds(families);
            let nouns: Vec<_> = all.iter().map(|kind| kind.noun()).collect();
            let field = &filter.field;
            let message = format!("query: {field}:{value} is not one of {}", nouns.join(", "));
            return Err(ApiError::invalid_field("query", message).into());
        }
        named.extend(own);
    }
    Ok(named)
}

/// What a filter requires of the facets of an object.
async fn needs(tx: &mut Tx, families: &[(Family, Searched)], filter: &Filter) -> Result<Needs> {
    let Filter { field, values, .. } = filter;
    if field == STATE {
        let states: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
        let stages = stages::stages_in_states(tx, &states).await?;
        return Ok(Needs::refers_to(STAGE, &stages));
    }
    if field == AUTHOR {
        let users = objects(tx, values, worksmith_wire::common::UserId::KINDS).await?;
        return Ok(Needs::refers_to(AUTHOR, &users));
    }
    let mut keys: Vec<(&'static str, &'static [Kind])> = Vec::new();
    for (_, searched) in families {
        for facet in facets(searched, field) {
            if keys.iter().all(|(key, _)| *key != facet.0) {
                keys.push(facet);
            }
        }
    }
    let mut any = Vec::with_capacity(keys.len());
    for (key, kinds) in keys {
        any.push(if kinds.is_empty() {
            Needs::one_of(key, values.iter().map(String::as_str))
        } else {
            Needs::refers_to(key, &objects(tx, values, kinds).await?)
        });
    }
    Ok(Needs::Any(any))
}

/// The objects of some kinds that the values of a filter stand for: ids, `me`, or names. What
/// stands for none finds nothing.
async fn objects(tx: &mut Tx, values: &[String], kinds: &[Kind]) -> Result<Vec<Id>> {
    let mut objects = Vec::new();
    for value in values {
        let actor = tx.cx().actor.id.clone();
        if value == "me" && kinds.contains(&actor.kind()) {
            objects.push(actor);
        } else if let Ok(id) = Id::parse(value, &tx.cx().org) {
            objects.push(id);
        } else if kinds == [Kind::CustomStage] {
            objects.extend(stages::stages_named(tx, std::slice::from_ref(value)).await?);
        } else {
            objects.extend(tx.named(kinds, value).await?);
        }
    }
    Ok(objects)
}

/// What was found, as answers show it.
async fn results(tx: &mut Tx, found: Vec<FoundObject>) -> Result<Vec<SearchResult>> {
    let authors = found.iter().flat_map(|object| &object.parts).map(|part| &part.created_by);
    let wanted = found.iter().map(|object| &object.id).chain(authors).cloned().collect();
    let x = tx.expand(wanted).await?;
    found.into_iter().map(|object| result(object, &x)).collect()
}

fn result(found: FoundObject, x: &Expander) -> Result<SearchResult> {
    let FoundObject { id, noun, modified_at, snippet, parts } = found;
    let lost = || Error::internal("an object that was found has no summary");
    let comment = |part: FoundPart| CommentResult {
        comment: x.atom(&part.id),
        created_by: x.embed(&part.created_by),
        created_date: part.created_at.into(),
        object: x.don(&id),
        snippet: part.snippet,
    };
    Ok(SearchResult {
        kind: noun,
        summary: x.embed(&id).ok_or_else(lost)?,
        snippet,
        modified_date: modified_at.into(),
        comments: parts.into_iter().map(comment).collect(),
    })
}
