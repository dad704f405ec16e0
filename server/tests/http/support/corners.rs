//! A model that reads in which corner of a picture a bright square lies: learnt in seconds.

use desk::Desk;
use domain::Actor;
use domain::reading::{Number, Reading};
use domain::specification::{Draft, Split};
use serde_json::Value;
use vision::archive::Writer;
use vision::picture::Picture;

/// A dark picture with a bright square in the corner `number % 4`; each number below 240 is another picture.
pub fn corner(number: usize) -> Vec<u8> {
    let (corner, shade) = (number % 4, (number / 4 % 60) as u8);
    let is_bright = |x: usize, y: usize| (x / 8, y / 8) == (corner % 2, corner / 2) && (2..7).contains(&(x % 8));
    let pixel = |at: usize| if is_bright(at % 16, at / 16) { 190 + shade } else { shade };
    Picture::new(16, 16, (0..256).flat_map(|at| [pixel(at); 3]).collect()).unwrap().encode()
}

/// A zip of such pictures, each with the text that `text` gives it.
pub fn corners(numbers: impl IntoIterator<Item = usize>, text: impl Fn(usize) -> usize) -> Writer {
    let mut zip = Writer::default();
    for number in numbers {
        let source = if number % 3 == 0 { "left" } else { "right" };
        zip.add(&format!("{number}.png"), &text(number).to_string(), source, &corner(number)).unwrap();
    }
    zip
}

/// Makes the model of a zip and its parameters.
pub async fn make_corner_model(desk: &Desk, actor: &Actor, name: &str, zip: Writer, parameters: Value) {
    let zip = zip.finish().unwrap().into();
    let dataset = desk.datasets().import_images(actor, name, zip, |_, _| ()).await.unwrap().dataset;
    let number = Number { decimals: 0, tolerance: 0.0, wrap: Some(4.0), increasing: false };
    let rules = Reading { number: Some(number), double_share: 0.0, gold_share: 0.0, ..Reading::new("0123", 1, 1) };
    let mut draft = Draft::of_reading(rules, Split::Random);
    draft.estimator.parameters = parameters.as_object().unwrap().clone();
    desk.models().create(actor, name, draft, Some(dataset.id)).await.unwrap();
}
