//! What operations on artifacts need of a bucket, to which operations themselves have no access.

use std::sync::Arc;

use worksmith_engine::{Access, BoxFuture, Engine, OpTable, Preparation, Request};
use worksmith_kernel::{OpCtx, Result};
use worksmith_store::Files;
use worksmith_wire::common::ArtifactId;

use super::adopt;
use crate::environment::Environment;

/// The bucket that holds the bytes of artifacts, and what it takes to find an artifact.
pub struct Bucket {
    /// Where the artifacts are.
    pub engine: Engine,
    /// The clock.
    pub environment: Environment,
    /// Where the bytes are.
    pub files: Files,
    /// The largest file that can be uploaded, in bytes.
    pub upload_bytes_max: u64,
}

impl Bucket {
    /// Has the operations on artifacts prepared: a version is created of each upload that went
    /// directly to the bucket, and what signs the forms of new uploads is fetched.
    pub fn attach(self, table: &mut OpTable) {
        let bucket: Arc<dyn Preparation> = Arc::new(self);
        table.prepare("artifacts", &bucket);
    }
}

impl Preparation for Bucket {
    fn prepare<'a>(
        &'a self,
        access: Access,
        cx: &'a mut OpCtx,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Self { engine, environment, files, upload_bytes_max } = self;
            if let Some(ArtifactId(id)) = request.member("id", &cx.org) {
                adopt(engine, environment, files, (&cx.org.org, &id), cx.now).await?;
            }
            if access == Access::Write {
                cx.forms = files.forms(*upload_bytes_max).await?;
            }
            Ok(())
        })
    }
}
