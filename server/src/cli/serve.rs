//! `verdict serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::output::Exit;
use super::signals;
use crate::application::Application;
use crate::settings::{LogFormat, Settings};

pub(super) async fn serve(settings: &Settings) -> anyhow::Result<Exit> {
    start_logging(settings);
    let application = Application::build(settings).await?;
    run(settings, application).await
}

/// Listens, says where, and serves until a signal ends it.
pub(super) async fn run(settings: &Settings, application: Application) -> anyhow::Result<Exit> {
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.with_context(|| format!("setting `listen`: {}", settings.listen))?;
    let address = listener.local_addr()?;
    signals::end_on_signal(application.shutdown());
    let base = settings.public_origin.clone().unwrap_or_else(|| address_for_people(address));
    if application.desk.setup().is_needed().await? {
        let token = application.desk.setup().create_link().await?;
        eprintln!(
            "Nobody can log in yet. Make the first admin here, once, within a day:\n  {base}/setup?token={token}"
        );
    }
    if settings.https() && settings.trusted_proxies.is_empty() {
        tracing::warn!("no --trusted-proxies: failed logins of all people are counted as if one person had made them");
    }
    eprintln!("Verdict serves on {base}");
    application.run(listener).await?;
    Ok(Exit::Done)
}

pub(super) fn start_logging(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (a test) keeps the first one's log.
    let _ = match settings.log_format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}

/// `0.0.0.0` is no address that a browser can open.
fn address_for_people(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}
