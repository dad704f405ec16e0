//! How the process does, in the text that Prometheus reads. A key shows the models of its own organisation only; what is
//! counted of the process as a whole names nobody.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::service::{Counted, Figures, Held, LATENCIES, Source};
use domain::Permission;
use domain::circuit;
use http::header::CONTENT_TYPE;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::endpoint::{Access, Endpoint};
use super::problem::Problem;
use crate::rim::Caller;

/// What the text is, as those who read it want it named.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/metrics", Access::Needs(Permission::ReadModels), metrics)
            .about(
                "Service",
                "What this process counts, for Prometheus: answers and latency of your models, its queue, memory and caches",
            )
            .answers_with(200, "OpenMetrics", Some("application/openmetrics-text")),
    ]
}

async fn metrics(State(desk): State<Desk>, Caller(actor): Caller) -> Result<Response, Problem> {
    let figures = desk.service().figures(&actor).await?;
    let mut registry = Registry::with_prefix("verdict");
    registry.register_collector(Box::new(Scrape(figures)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}

/// The figures of one moment.
#[derive(Debug)]
struct Scrape(Figures);

type Written = Result<(), std::fmt::Error>;

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Written {
        let Figures { models, memory, queued, written, lookups, runs } = &self.0;
        answers(&mut encoder, models)?;
        latencies(&mut encoder, models)?;
        let caches = [("answers", &memory.answers), ("champions", &memory.champions), ("versions", &memory.versions)];
        held(&mut encoder, &caches)?;
        counter(&mut encoder, "champions_let_go", "Champions that had to leave memory for others", memory.let_go)?;
        gauge(&mut encoder, "queued_rows", "Rows that wait to be written or are being written", *queued)?;
        counter(&mut encoder, "written_transactions", "Transactions of the writer", written.0)?;
        counter(&mut encoder, "written_rows", "Rows in transactions of the writer", written.1)?;
        let readings = [("answered", lookups.answered), ("failed", lookups.failed), ("skipped", lookups.skipped)];
        let readings = readings.map(|(result, count)| ([("result", result)], count));
        counters(&mut encoder, "feature_lookups", "Readings of the feature store by predictions", &readings)?;
        let states = circuit::State::ALL.map(|state| (state.as_str(), u64::from(state == lookups.state)));
        gauges(
            &mut encoder,
            "feature_circuit",
            "Whether the circuit of the feature store is in this state",
            "state",
            &states,
        )?;
        match runs {
            Some(runs) => {
                let states = [("queued", runs.queued), ("running", runs.running)];
                let states = states.map(|(state, count)| (state, u64::try_from(count).unwrap_or(0)));
                gauges(&mut encoder, "runs", "Your runs, in all processes", "state", &states)
            }
            None => Ok(()),
        }
    }
}

fn answers(encoder: &mut DescriptorEncoder<'_>, models: &[Counted]) -> Written {
    let each = |model: &Counted| {
        let (name, sources) = (model.model.clone(), model.sources);
        Source::ALL
            .into_iter()
            .zip(sources)
            .map(move |(source, count)| ([("model", name.clone()), ("source", source.as_str().to_owned())], count))
    };
    let all: Vec<_> = models.iter().flat_map(each).collect();
    counters(encoder, "predictions", "Answers, by who computed them", &all)
}

fn latencies(encoder: &mut DescriptorEncoder<'_>, models: &[Counted]) -> Written {
    let words = "Time from a parsed request to its durable answer, in seconds";
    let mut family = encoder.encode_descriptor("request_duration_seconds", words, None, MetricType::Histogram)?;
    let ends = LATENCIES.iter().map(|&micros| micros as f64 / 1e6).chain([f64::INFINITY]);
    for model in models {
        let buckets: Vec<(f64, u64)> = ends.clone().zip(model.latencies).collect();
        let labels = [("model", model.model.as_str())];
        let mut one: MetricEncoder<'_> = family.encode_family(&labels)?;
        one.encode_histogram::<NoLabelSet>(model.micros as f64 / 1e6, model.latencies.iter().sum(), &buckets, None)?;
    }
    Ok(())
}

fn held(encoder: &mut DescriptorEncoder<'_>, caches: &[(&'static str, &Held)]) -> Written {
    let of = |figure: fn(&Held) -> u64| caches.iter().map(move |(name, held)| (*name, figure(held)));
    let counted =
        |figure: fn(&Held) -> u64| of(figure).map(|(name, count)| ([("cache", name)], count)).collect::<Vec<_>>();
    counters(encoder, "cache_hits", "Asked for and in memory", &counted(|held| held.hits))?;
    counters(encoder, "cache_misses", "Asked for and not in memory", &counted(|held| held.misses))?;
    let gauge = |figure: fn(&Held) -> u64| of(figure).collect::<Vec<_>>();
    gauges(encoder, "cache_entries", "How many are in memory", "cache", &gauge(|held| held.entries))?;
    gauges(encoder, "cache_bytes", "Memory that they take", "cache", &gauge(|held| held.bytes))?;
    gauges(encoder, "cache_limit_bytes", "Memory that they may take", "cache", &gauge(|held| held.most))
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, words: &str, count: u64) -> Written {
    encoder
        .encode_descriptor(name, words, None, MetricType::Counter)?
        .encode_counter::<NoLabelSet, _, u64>(&count, None)
}

fn counters<const N: usize, T>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    words: &str,
    counts: &[([(&'static str, T); N], u64)],
) -> Written
where
    [(&'static str, T); N]: prometheus_client::encoding::EncodeLabelSet,
{
    let mut family = encoder.encode_descriptor(name, words, None, MetricType::Counter)?;
    for (labels, count) in counts {
        family.encode_family(labels)?.encode_counter::<NoLabelSet, _, u64>(count, None)?;
    }
    Ok(())
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, words: &str, value: u64) -> Written {
    encoder.encode_descriptor(name, words, None, MetricType::Gauge)?.encode_gauge(&value)
}

fn gauges(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    words: &str,
    label: &'static str,
    values: &[(&'static str, u64)],
) -> Written {
    let mut family = encoder.encode_descriptor(name, words, None, MetricType::Gauge)?;
    for (word, value) in values {
        family.encode_family(&[(label, *word)])?.encode_gauge(value)?;
    }
    Ok(())
}
