"""Add up JUnit results and print the closing line; exit 1 on any failure.

    summary.py FAILED_STEPS RESULT.xml...
"""
import sys
import xml.etree.ElementTree as tree


def outcome(case):
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"


def main():
    failed_steps = int(sys.argv[1])
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sys.argv[2:]:
        for case in tree.parse(path).iter("testcase"):
            result = outcome(case)
            counts[result] += 1
            if result != "passed":
                print(f"{result}: {case.get('classname')} {case.get('name')}")
    # A step that failed without a failed test (a build) is a failure itself.
    if failed_steps and not counts["failed"]:
        counts["failed"] = failed_steps
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    if counts["skipped"]:
        line += f", {counts['skipped']} skipped"
    print(line)
    sys.exit(1 if counts["failed"] or not counts["passed"] else 0)


main()
