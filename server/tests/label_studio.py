"""Checks exported tasks with Label Studio's own package: the regions of every annotation and prediction, and that its
converter finds the texts. Prints what it has seen; ends with an error otherwise."""

import csv
import json
import sys
import tempfile
from pathlib import Path

from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

# The template of optical character recognition, without labels on regions.
CONFIG = """
<View>
  <Image name="image" value="$image"/>
  <Rectangle name="bbox" toName="image"/>
  <TextArea name="transcription" toName="image" editable="true" perRegion="true" maxSubmissions="1"/>
</View>
"""


def main(path):
    tasks = json.loads(Path(path).read_text())
    interface = LabelInterface(CONFIG)
    annotations = [annotation for task in tasks for annotation in task["annotations"]]
    predictions = [prediction for task in tasks for prediction in task["predictions"]]
    for annotation in annotations:
        assert interface.validate_annotation(annotation), annotation
    for prediction in predictions:
        wrong = interface.validate_prediction(prediction, return_errors=True)
        assert not wrong, wrong
    print(f"{len(tasks)} tasks, {len(annotations)} annotations, {len(predictions)} predictions: {texts(path)}")


def texts(path):
    """Every transcription, as the converter's CSV has it."""
    with tempfile.TemporaryDirectory() as folder:
        Converter(CONFIG, folder, download_resources=False).convert(str(path), folder, "CSV", is_dir=False)
        with open(next(Path(folder).glob("*.csv")), newline="") as file:
            found = [line["transcription"] for line in csv.DictReader(file)]
    return ", ".join(text for text in found if text)


if __name__ == "__main__":
    main(sys.argv[1])
