//! The table of operations. Its rows yield the routes, the OpenAPI document, the authorisation
//! tests and the compatibility ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use indexmap::IndexMap;
use schemars::JsonSchema;
#[cfg(feature = "openapi")]
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use worksmith_kernel::{
    Actor, Audience, Cursor, Error, Family, OpCtx, Reader, Registry, Resource, Result, Rights,
};
use worksmith_wire::{ApiError, At, FromWire, OrgName, Source};

use crate::function::{BoxFuture, OpFn};
use crate::reply::{Parts, Reply};
use crate::tx::{Changed, Followers, Tx};

/// What an operation does to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads; also served as GET.
    Read,
    /// Writes; POST only.
    Write,
}

/// The request of an operation, not yet parsed.
#[derive(Clone, Debug)]
pub struct Request {
    /// The members, from a body, a query or both.
    pub members: Value,
    /// The names of those that come from a query.
    pub query: Vec<String>,
}

impl Request {
    /// Reads a member without removing it. An invalid one gives `None`; the operation reports the
    /// error.
    pub fn member<T: FromWire>(&self, name: &str, org: &OrgName) -> Option<T> {
        let source = Source { org, query: &self.query };
        let value = self.members.get(name)?.clone();
        T::from_value(value, &At::root(&source).child(name)).ok()
    }
}

type Run = Box<
    dyn for<'a> Fn(&'a mut Tx, &'a OpCtx, Request) -> BoxFuture<'a, Result<Reply>> + Send + Sync,
>;

/// What an operation needs from outside the database. It is done before the transaction, once it is
/// clear that the caller may call the operation.
pub trait Preparation: Send + Sync {
    /// Does it; `cx` takes what the operation needs of it.
    fn prepare<'a>(
        &'a self,
        access: Access,
        cx: &'a mut OpCtx,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<()>>;
}

/// One operation.
pub struct Op {
    /// Its name, which is its path: `works.update`.
    pub name: &'static str,
    /// The kind that a token's scopes must name: `work`. Empty when no scope is needed.
    pub scope: &'static str,
    /// Whether it reads or writes.
    pub access: Access,
    /// Who may call it.
    pub audience: Audience,
    /// The HTTP status of success.
    pub status: u16,
    /// Whether a GET twin is served.
    pub get: bool,
    /// Whether the answer is a stream of server-sent events.
    pub streams: bool,
    /// The schema of its request.
    #[cfg(feature = "openapi")]
    pub request_schema: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its response.
    #[cfg(feature = "openapi")]
    pub response_schema: fn(&mut SchemaGenerator) -> Schema,
    preparation: Option<Arc<dyn Preparation>>,
    run: Option<Run>,
}

impl Op {
    /// An operation that reads, with a GET twin.
    pub fn read(name: &'static str, scope: &'static str) -> Self {
        Self {
            name,
            scope,
            access: Access::Read,
            audience: Audience::Members,
            status: 200,
            get: true,
            streams: false,
            #[cfg(feature = "openapi")]
            request_schema: |_| Schema::default(),
            #[cfg(feature = "openapi")]
            response_schema: |_| Schema::default(),
            preparation: None,
            run: None,
        }
    }

    /// An operation that writes.
    pub fn write(name: &'static str, scope: &'static str) -> Self {
        Self { access: Access::Write, get: false, ..Self::read(name, scope) }
    }

    /// An operation that creates an object: success is 201.
    pub fn create(name: &'static str, scope: &'static str) -> Self {
        Self { status: 201, ..Self::write(name, scope) }
    }

    /// Sets who may call it, if not [`Audience::Members`].
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Sets the status of success, if it is not the usual one. With 204 there is no body.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Removes the GET twin of a read.
    #[must_use]
    pub const fn without_get(mut self) -> Self {
        self.get = false;
        self
    }

    /// Refuses a caller that may not call the operation.
    pub fn authorize(&self, actor: &Actor) -> Result<()> {
        if !self.audience.includes(actor) {
            let who =
                if self.audience == Audience::Admins { "admins" } else { "members of the org" };
            return Err(ApiError::forbidden(format!("{} is for {who}", self.name)).into());
        }
        let verb = if self.access == Access::Read { "read" } else { "write" };
        if self.scope.is_empty() || actor.has_scope(self.scope, verb) {
            return Ok(());
        }
        let message = format!("the token lacks the scope {}:{verb}", self.scope);
        Err(ApiError::forbidden(message).into())
    }

    #[cfg(feature = "openapi")]
    fn describe<Req: FromWire, Res: JsonSchema>(&mut self) {
        self.request_schema = Req::schema;
        self.response_schema = |generator| generator.subschema_for::<Res>();
    }

    /// What is done before the transaction.
    pub fn preparation(&self) -> Option<&dyn Preparation> {
        self.preparation.as_deref()
    }

    /// Reads the request, runs the operation, and renders the response.
    pub async fn run(&self, tx: &mut Tx, cx: &OpCtx, request: Request) -> Result<Reply> {
        match &self.run {
            Some(run) => run(tx, cx, request).await,
            None => Err(Error::internal("an operation without a function")),
        }
    }
}

/// Reads a request of an operation. If it has pages, their cursors are bound to it.
fn read<Req: FromWire>(op: &str, tx: &mut Tx, cx: &OpCtx, request: Request) -> Result<Req> {
    if Req::HAS_CURSOR
        && let Some(members) = request.members.as_object()
    {
        tx.cx.binding = Cursor::binding(op, members);
    }
    let source = Source { org: &cx.org, query: &request.query };
    Ok(Req::from_value(request.members, &At::root(&source))?)
}

/// Every operation, by name.
#[derive(Default)]
pub struct OpTable {
    ops: IndexMap<&'static str, Op>,
    registry: Registry,
    followers: Followers,
}

impl OpTable {
    /// Registers a kind of object with the store.
    pub fn family<R: Resource>(&mut self) {
        self.registry.add(Family::of::<R>());
    }

    /// Has the event feed tell of the changes of a family to whoever may call an operation that is
    /// registered already: the one that reads an object of the family.
    pub fn feed<R: Resource>(&mut self, read: &str) {
        if let Some(&Op { audience, scope, .. }) = self.ops.get(read) {
            self.registry.tell(R::KINDS, Rights { audience, scope });
        }
    }

    /// Registers a reader of the event log.
    pub fn reader(&mut self, reader: Reader) {
        self.registry.add_reader(reader);
    }

    /// Registers a follower: an `async fn(&mut Tx, Changed<R>) -> Result<()>` that runs in the
    /// transaction of every change of an object of a family, whoever makes it. To change the object
    /// itself, it must find it again, as earlier followers may have changed it.
    pub fn follow<R, F>(&mut self, function: F)
    where
        R: Resource,
        F: for<'a> OpFn<'a, Tx, Changed<R>, ()> + 'static,
    {
        self.followers.add(function);
    }

    /// Adds an operation.
    pub fn add<Req, Res, F>(&mut self, mut op: Op, function: F)
    where
        Req: FromWire + Send + 'static,
        Res: Serialize + JsonSchema + Send + 'static,
        F: for<'a> OpFn<'a, Tx, Req, Res> + 'static,
    {
        #[cfg(feature = "openapi")]
        op.describe::<Req, Res>();
        let (name, status) = (op.name, op.status);
        // The approximate length of the last answer, because a buffer that grows bit by bit is
        // copied often.
        let usual = Arc::new(AtomicUsize::new(0));
        op.run = Some(Box::new(move |tx, cx, request| {
            let usual = Arc::clone(&usual);
            Box::pin(async move {
                let request = read(name, tx, cx, request)?;
                let response = function.call(tx, request).await?;
                let mut body = Vec::with_capacity(usual.load(Ordering::Relaxed));
                serde_json::to_writer(&mut body, &response).map_err(Error::internal)?;
                usual.store(body.len() + body.len() / 8, Ordering::Relaxed);
                Ok(Reply::whole(status, body))
            })
        }));
        self.ops.insert(op.name, op);
    }

    /// Adds an operation whose answer, a `Res`, is rendered while it is sent.
    pub fn add_long<Req, Res, F>(&mut self, mut op: Op, function: F)
    where
        Req: FromWire + Send + 'static,
        Res: JsonSchema,
        F: for<'a> OpFn<'a, Tx, Req, Parts> + 'static,
    {
        #[cfg(feature = "openapi")]
        op.describe::<Req, Res>();
        let (name, status) = (op.name, op.status);
        op.run = Some(Box::new(move |tx, cx, request| {
            Box::pin(async move {
                let request = read(name, tx, cx, request)?;
                let Parts { first, rest } = function.call(tx, request).await?;
                Ok(Reply { status, body: first, rest })
            })
        }));
        self.ops.insert(op.name, op);
    }

    /// Adds an operation whose answer is a stream of server-sent events, each an `Item`.
    pub fn add_stream<Req, Item, F>(&mut self, op: Op, function: F)
    where
        Req: FromWire + Send + 'static,
        Item: JsonSchema,
        F: for<'a> OpFn<'a, Tx, Req, Parts> + 'static,
    {
        self.add_long::<Req, Item, F>(Op { streams: true, ..op }, function);
    }

    /// Has these operations prepared: those whose names begin with `family` and a dot.
    pub fn prepare(&mut self, family: &str, preparation: &Arc<dyn Preparation>) {
        for op in self.ops.values_mut() {
            if op.name.split_once('.').is_some_and(|(of, _)| of == family) {
                op.preparation = Some(Arc::clone(preparation));
            }
        }
    }

    /// The operation of a name.
    pub fn get(&self, name: &str) -> Option<&Op> {
        self.ops.get(name)
    }

    /// Every operation, in the order of registration.
    pub fn iter(&self) -> impl Iterator<Item = &Op> {
        self.ops.values()
    }

    /// Every kind of object.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What follows from changes.
    pub const fn followers(&self) -> &Followers {
        &self.followers
    }
}
