//! Artifacts: files. A document contains the file's name, its versions, its pending uploads and the
//! one object that it belongs to; the bytes are stored elsewhere, under keys that the server makes
//! up.
//!
//! A family whose objects hold artifacts registers [`follow`].

mod addresses;
mod arrivals;
mod bucket;
mod clear;
mod sweep;

pub use addresses::{AwaitedUpload, Download, DownloadAddress, awaited_upload, download, uploaded};
pub use arrivals::{adopt, confirm};
pub use bucket::Bucket;
pub use clear::clear;
use serde::{Deserialize, Serialize};
pub use sweep::sweep;
use worksmith_engine::{Audience, Changed, Op, OpTable, Tx};
use worksmith_kernel::{Column, Cond, Expander, Name, OpCtx, Query, Resource, Result, Stored};
use worksmith_store::{Named, NamedFile};
use worksmith_wire::artifacts::{
    self, ArtifactConfigurationSet, ArtifactVersion, GetRequest, GetResponse, ListRequest,
    ListResponse, LocateRequest, LocateResponse, PrepareRequest, PrepareResponse,
    VersionsDeleteRequest, VersionsPrepareRequest,
};
use worksmith_wire::common::{ArtifactFile, ArtifactSummary, Empty, UserSummary};
use worksmith_wire::{ApiError, ErrorType, Id, Kind, Timestamp};

/// The document of an artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// The name of the file; never part of a path.
    pub file_name: String,
    /// The type of the file according to the client, usually a media type.
    pub file_type: String,
    /// What the file is for.
    pub configuration_set: ArtifactConfigurationSet,
    /// The object that it belongs to, for ever.
    pub parent: Option<Id>,
    /// Whether the parent currently shows it.
    pub is_attached: bool,
    /// What was uploaded, oldest first.
    pub versions: Vec<Version>,
    /// How many versions there ever were; their names are never reused.
    pub versions_made: u64,
    /// The addresses at which an upload is awaited.
    pub uploads: Vec<Upload>,
    /// The secret with which the addresses of its downloads are signed.
    pub secret: String,
}

/// Bytes that were uploaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its name: a number counted from 1.
    pub version: String,
    /// Where the bytes are.
    pub key: String,
    /// How many bytes there are.
    pub size: i64,
    /// When they were uploaded.
    pub uploaded_at: Timestamp,
    /// Who uploaded them.
    pub uploaded_by: Id,
    /// The SHA-256 of the ticket with which they were uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The entity tag of the object that a form wrote, if the bytes are a copy of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// An address at which an upload is awaited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// The SHA-256 of the ticket in the address.
    pub hash: String,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Who requested it.
    pub prepared_by: Id,
}

/// How many uploads of one artifact can be awaited; one more voids the oldest.
const UPLOADS_MAX: usize = 10;
/// How long an upload may take from its first byte until its document names it, in milliseconds.
/// What is older is garbage.
const GRACE_MS: i64 = 24 * 60 * 60 * 1000;
/// The most artifacts that `artifacts.list` returns, because it has no pages.
const LIST_MAX: usize = 5_000;

/// How backups find the files that the document of an artifact names.
pub const NAMED: Named = Named { table: Artifact::TABLE_NAME, of: named };

fn named(doc: &str) -> Result<Vec<NamedFile>> {
    let artifact: Artifact =
        serde_json::from_str(doc).map_err(worksmith_kernel::Error::internal)?;
    let file =
        |Version { key, size, .. }| NamedFile { key, size: u64::try_from(size).unwrap_or(0) };
    Ok(artifact.versions.into_iter().map(file).collect())
}

/// The parent, while it shows the artifact.
const ATTACHED_TO: Column<Artifact> = Column::text("attached_to", |artifact: &Artifact| {
    artifact.parent.as_ref().filter(|_| artifact.is_attached).into()
})
.filter();

/// Finds an artifact by the hash of an upload's ticket.
const UPLOAD: Name<Artifact> = Name::new("artifact.upload", "url", |artifact, claim| {
    artifact.uploads.iter().for_each(|upload| claim(&upload.hash));
});

impl Resource for Artifact {
    const TABLE_NAME: &'static str = "artifacts";
    const KINDS: &'static [Kind] = &[Kind::Artifact];
    const COLUMNS: &'static [Column<Self>] = &[ATTACHED_TO, Column::CREATED_BY.filter()];
    const NAMES: &'static [Name<Self>] = &[UPLOAD];
    const ONE: &'static str = "artifact";
    const MANY: &'static str = "artifacts";
    type Object = artifacts::Artifact;
    type Summary = ArtifactSummary;

    /// Members see every file, customers their own.
    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        cx.actor.is_customer().then(|| Cond::is(Column::CREATED_BY, &cx.actor.id))
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> artifacts::Artifact {
        artifacts::Artifact { head: x.base(&stored.meta), file: stored.doc.file() }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> ArtifactSummary {
        ArtifactSummary { head: x.atom(stored.id()), file: stored.doc.file() }
    }
}

impl Upload {
    /// Whether bytes may still arrive that were sent while the address was valid.
    fn may_still_come(&self, now: Timestamp) -> bool {
        now < self.expires_at.plus_ms(GRACE_MS)
    }
}

impl Artifact {
    fn file(&self) -> ArtifactFile {
        ArtifactFile {
            media_type: self.file_type.clone(),
            name: self.file_name.clone(),
            size: self.versions.last().map(|version| version.size),
        }
    }

    /// The version with a name, or the newest one.
    fn version(&self, name: Option<&str>) -> Option<&Version> {
        match name {
            Some(name) => self.versions.iter().find(|version| version.version == name),
            None => self.versions.last(),
        }
    }

    /// The awaited upload whose ticket has this hash.
    fn upload(&self, hash: &str) -> Option<&Upload> {
        self.uploads.iter().find(|upload| upload.hash == hash)
    }

    /// The version with a name, which must exist, or the newest one, if there is any.
    fn version_or_refuse(&self, name: Option<&str>) -> Result<Option<&Version>> {
        match (name, self.version(name)) {
            (Some(name), None) => Err(no_version(name)),
            (_, version) => Ok(version),
        }
    }
}

fn no_version(name: &str) -> worksmith_kernel::Error {
    ApiError::not_found(format!("the artifact has no version {name:?}")).into()
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Artifact>();
    table.reader(clear::READER);
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::write("artifacts.prepare", "artifact")), prepare);
    table.add(everyone(Op::read("artifacts.get", "artifact")), get);
    table.add(everyone(Op::read("artifacts.locate", "artifact")), locate);
    table.add(everyone(Op::read("artifacts.list", "artifact")), list);
    table.add(everyone(Op::write("artifacts.versions.prepare", "artifact")), versions_prepare);
    table.add(Op::write("artifacts.versions.delete", "artifact"), versions_delete);
    table.feed::<Artifact>("artifacts.get");
}

/// Attaches the artifacts that an object begins to refer to, and detaches those that it no longer
/// refers to.
pub async fn follow<R: Resource>(tx: &mut Tx, changed: Changed<R>) -> Result<()> {
    let (gained, lost) = changed.refs(|_, id| id.kind() == Kind::Artifact);
    let Some(parent) = changed.id() else { return Ok(()) };
    attach(tx, parent, &gained).await?;
    detach(tx, parent, &lost).await
}

/// Makes `ids` belong to `parent`, which shows them from now on. Artifacts that belong to another
/// object are refused; those that belong to `parent` already are accepted.
async fn attach(tx: &mut Tx, parent: &Id, ids: &[(&'static str, Id)]) -> Result<()> {
    for (field, id) in ids {
        let Some(stored) = tx.find_visible::<Artifact>(id).await? else {
            let name = id.display_id().unwrap_or_default();
            return Err(ApiError::invalid_id(field, format!("there is no {name}")).into());
        };
        if let Some(other) = stored.doc.parent.as_ref().filter(|other| *other != parent) {
            return Err(already_attached(tx.cx(), id, other));
        }
        let doc =
            Artifact { parent: Some(parent.clone()), is_attached: true, ..stored.doc.clone() };
        tx.update(stored, doc).await?;
    }
    Ok(())
}

/// Makes `parent` stop showing `ids`. They still belong to it.
async fn detach(tx: &mut Tx, parent: &Id, ids: &[(&'static str, Id)]) -> Result<()> {
    for (_, id) in ids {
        let found = tx.find::<Artifact>(id).await?;
        if let Some(stored) = found.filter(|stored| stored.doc.parent.as_ref() == Some(parent)) {
            let doc = Artifact { is_attached: false, ..stored.doc.clone() };
            tx.update(stored, doc).await?;
        }
    }
    Ok(())
}

fn already_attached(cx: &OpCtx, id: &Id, parent: &Id) -> worksmith_kernel::Error {
    let message = format!("{} belongs to {}", cx.name(id), cx.name(parent));
    ApiError::new(ErrorType::ArtifactAlreadyAttachedToAParent, message)
        .with("existing_parent", cx.don(parent))
        .with("is_same", false)
        .into()
}

async fn prepare(tx: &mut Tx, request: PrepareRequest) -> Result<PrepareResponse> {
    let PrepareRequest { file_name, file_type, configuration_set } = request;
    let (ticket, upload) = addresses::ticket(tx.cx());
    let artifact = Artifact {
        file_name: file_name.0,
        file_type: file_type.unwrap_or_default().0,
        configuration_set: configuration_set.unwrap_or(ArtifactConfigurationSet::Default),
        parent: None,
        is_attached: false,
        versions: Vec::new(),
        versions_made: 0,
        uploads: vec![upload],
        secret: tx.cx().opaque(43),
    };
    let stored = tx.insert(Kind::Artifact, artifact).await?;
    addresses::upload_to(tx.cx(), stored.id(), &ticket)
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<GetResponse> {
    let GetRequest { id, version } = request;
    let mut stored = tx.target::<Artifact>(&id).await?;
    let shown = stored.doc.version_or_refuse(version.as_deref())?.cloned();
    // The file that the answer shows is that of the version.
    stored.doc.versions = shown.iter().cloned().collect();
    tx.tell_revision(&stored);
    let artifact = tx.object(&stored).await?;
    let version = match shown {
        Some(shown) => {
            let x = tx.expand(vec![shown.uploaded_by.clone()]).await?;
            Some(ArtifactVersion {
                version: shown.version,
                timestamp: shown.uploaded_at.into(),
                modified_by: x.embed::<UserSummary>(&shown.uploaded_by),
            })
        }
        None => None,
    };
    let ArtifactFile { media_type, name, size } = artifact.file.clone();
    Ok(GetResponse { artifact, version, file_name: name, file_type: media_type, file_size: size })
}

/// Also answers before the bytes exist: the vendor's TypeScript client asks right after `prepare`.
async fn locate(tx: &mut Tx, request: LocateRequest) -> Result<LocateResponse> {
    let LocateRequest { id, version } = request;
    let stored = tx.target::<Artifact>(&id).await?;
    let version = match stored.doc.version_or_refuse(version.as_deref())? {
        Some(version) => version.version.clone(),
        None => (stored.doc.versions_made + 1).to_string(),
    };
    addresses::download_from(tx.cx(), stored.id(), &stored.doc, &version)
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { parent_id } = request;
    let mut query = Query::new();
    query.one_of_ids(ATTACHED_TO, parent_id);
    let query = tx.visible::<Artifact>(query);
    let found = tx.first::<Artifact>(&query, LIST_MAX).await?;
    Ok(ListResponse { artifacts: tx.shown_all(&found).await? })
}

async fn versions_prepare(tx: &mut Tx, request: VersionsPrepareRequest) -> Result<PrepareResponse> {
    let VersionsPrepareRequest { id } = request;
    let old = tx.target::<Artifact>(&id).await?;
    let (ticket, upload) = addresses::ticket(tx.cx());
    let now = tx.cx().now;
    let mut artifact = old.doc.clone();
    artifact.uploads.retain(|awaited| awaited.may_still_come(now));
    artifact.uploads.push(upload);
    let surplus = artifact.uploads.len().saturating_sub(UPLOADS_MAX);
    artifact.uploads.drain(..surplus);
    let stored = tx.update(old, artifact).await?;
    addresses::upload_to(tx.cx(), stored.id(), &ticket)
}

async fn versions_delete(tx: &mut Tx, request: VersionsDeleteRequest) -> Result<Empty> {
    let VersionsDeleteRequest { id, version } = request;
    let old = tx.target::<Artifact>(&id).await?;
    let Some(gone) = old.doc.version_or_refuse(version.as_deref())?.cloned() else {
        return Err(ApiError::not_found("nothing was uploaded yet").into());
    };
    let mut artifact = old.doc.clone();
    artifact.versions.retain(|version| version.version != gone.version);
    tx.update(old, artifact).await?;
    Ok(Empty {})
}
