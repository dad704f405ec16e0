use bytes::Bytes;
use domain::{ModelId, RunId, TenantId};
use store::{ArtifactError, Artifacts, ObjectStoreOptions};

#[tokio::test]
async fn files_are_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("artifacts");
    let artifacts = Artifacts::open(root.to_str().unwrap(), &ObjectStoreOptions::default()).unwrap();
    let key = Artifacts::version_key(TenantId(1), ModelId(2), RunId(3), "model.safetensors");
    assert_eq!(artifacts.get(&key).await.unwrap(), None);
    artifacts.put(&key, vec![1, 2, 3]).await.unwrap();
    artifacts.put(&key, Bytes::from_static(b"four")).await.unwrap();
    artifacts.put(&Artifacts::dataset_key(TenantId(1), "ab"), "a,b\n").await.unwrap();
    assert_eq!(artifacts.get(&key).await.unwrap().as_deref(), Some(b"four".as_slice()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&root.join(&key)), 0o640);
        assert_eq!(mode(root.join(&key).parent().unwrap()), 0o750);
        let left: Vec<_> = std::fs::read_dir(root.join(&key).parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half-written stays");
    }
}

#[tokio::test]
async fn many_are_written_read_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::open(folder.path().to_str().unwrap(), &ObjectStoreOptions::default()).unwrap();
    let keys: Vec<String> = (0..40).map(|i| Artifacts::image_key(TenantId(1), &format!("{i:064x}"))).collect();
    let items = keys.iter().map(|key| (key.clone(), Bytes::from(key.clone()))).collect();
    artifacts.put_many(items).await.unwrap();
    artifacts.sync().await.unwrap();
    artifacts.delete(&keys[3]).await.unwrap();
    artifacts.delete(&keys[3]).await.unwrap();
    let found = artifacts.get_many(keys.clone()).await.unwrap();
    let expected = keys.iter().enumerate().map(|(i, key)| (i != 3).then(|| Bytes::from(key.clone())));
    assert!(found.into_iter().eq(expected));
    let outside = vec![(String::from("../outside"), Bytes::new())];
    assert!(matches!(artifacts.put_many(outside).await, Err(ArtifactError::BadKey(_))));
}

#[tokio::test]
async fn keys_and_places_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::open(folder.path().to_str().unwrap(), &ObjectStoreOptions::default()).unwrap();
    for key in ["../outside", "/etc/passwd", "a/../../b", ""] {
        assert!(matches!(artifacts.put(key, "x").await, Err(ArtifactError::BadKey(_))));
        assert!(matches!(artifacts.get(key).await, Err(ArtifactError::BadKey(_))));
    }
    for place in ["s3://", "ftp://host/x"] {
        assert!(Artifacts::open(place, &ObjectStoreOptions::default()).is_err());
    }
    let options = ObjectStoreOptions {
        endpoint: Some("http://127.0.0.1:9".into()),
        region: Some("eu-central-1".into()),
        access_key_id: Some("id".into()),
        secret_access_key: Some("secret".into()),
    };
    assert!(Artifacts::open("s3://bucket/desk", &options).is_ok());
}
