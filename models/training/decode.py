"""Decoding of a linear-chain CRF with numpy: the best path, and how sure its labels are."""
import numpy as np

from data import LABELS


def best(logits, start, transitions, end):
    """The best labels of one sequence: logits [n, k] to n numbers."""
    a, back = start + logits[0], []
    for row in logits[1:]:
        s = a[:, None] + transitions
        back.append(s.argmax(0))
        a = s.max(0) + row
    path = [int((a + end).argmax())]
    for b in reversed(back):
        path.append(int(b[path[-1]]))
    return path[::-1]


def factors(scores):
    return np.exp(scores - scores.max(-1, keepdims=True))


def shares(logits, start, transitions, end, path):
    """The share (0 to 1) of each label of a path among all paths."""
    rows, step = factors(np.asarray(logits, np.float64)), np.exp(transitions.astype(np.float64))
    before = [factors(start) * rows[0]]
    for row in rows[1:]:
        x = (before[-1] @ step) * row
        before.append(x / x.sum())
    after, out = factors(end), []
    for row, b, at in zip(rows[::-1], before[::-1], path[::-1]):
        out.append(float(b[at] * after[at] / (b @ after)))
        after = step @ (row * after)
        after /= after.sum()
    return out[::-1]


def labelled(logits, start, transitions, end):
    """Names and shares of the best labels."""
    path = best(logits, start, transitions, end)
    return [LABELS[i] for i in path], shares(logits, start, transitions, end, path)


class Both:
    """An encoder with its CRF, and the linear part beside it: `share` is the weight of the encoder's word."""

    def __init__(self, model, linear, share, vocab, kinds):
        self.model, self.linear, self.share, self.vocab, self.kinds = model, linear, share, vocab, kinds

    def crf(self):
        """start, transitions, end"""
        c = self.model.crf
        start, transitions, end = (x.detach().numpy() * self.share for x in (c.start_transitions, c.transitions, c.end_transitions))
        return start, transitions + (self.linear.transitions if self.linear else 0), end

    def tag(self, windows):
        """For each window its labels and their shares."""
        out = []
        for w, logits in zip(windows, self.model.logits_of(windows, self.vocab)):
            logits = logits * self.share + (self.linear.logits(w, self.vocab, self.kinds) if self.linear else 0)
            out.append(labelled(logits, *self.crf()))
        return out
