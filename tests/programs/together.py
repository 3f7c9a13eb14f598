"""Several conversations at once."""
from concurrent.futures import ThreadPoolExecutor


def at_once(calls, threads=16):
    """Run named calls side by side, since a failed try takes 0.3 s; their
    results by name."""
    with ThreadPoolExecutor(threads) as pool:
        begun = {name: pool.submit(call) for name, call in calls.items()}
    results = {}
    for name, future in begun.items():
        try:
            results[name] = future.result()
        except Exception as error:
            raise AssertionError(f"{name}: {error!r}") from error
    return results


def check_alike(measure, within_s, rounds=12):
    """`measure` gives the times of several kinds of tries by name; the least
    of each differ by less than `within_s`. A busy machine answers later, never
    sooner, so it may take some rounds to see what each of them takes."""
    least = {}
    for _ in range(rounds):
        for name, taken in measure().items():
            least[name] = min(taken, least.get(name, taken))
        if max(least.values()) - min(least.values()) < within_s:
            return
    raise AssertionError(f"not alike: {least}")
