"""Add up JUnit results and print the closing line; exit 1 on any failure.

    summary.py FAILED_STEPS RESULT.xml...

A NAME-again.xml beside a NAME.xml is of some of its tests, run a second time:
that time counts, and the first one is told.
"""
import os
import sys
import xml.etree.ElementTree as tree

AGAIN = "-again.xml"


def outcome(case):
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"


def outcomes(path):
    """Each test's name with its outcome; none without such a file."""
    if not os.path.exists(path):
        return []
    return [(f"{case.get('classname')} {case.get('name')}", outcome(case))
            for case in tree.parse(path).iter("testcase")]


def main():
    failed_steps = int(sys.argv[1])
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sys.argv[2:]:
        if path.endswith(AGAIN):
            continue
        again = dict(outcomes(path.removesuffix(".xml") + AGAIN))
        for test, result in outcomes(path):
            if result == "failed" and again.get(test) == "passed":
                result = "passed"
                print(f"passed only when run again: {test}")
            counts[result] += 1
            if result != "passed":
                print(f"{result}: {test}")
    # A step that failed without a failed test (a build) is a failure itself.
    if failed_steps and not counts["failed"]:
        counts["failed"] = failed_steps
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    if counts["skipped"]:
        line += f", {counts['skipped']} skipped"
    print(line)
    sys.exit(1 if counts["failed"] or not counts["passed"] else 0)


main()
