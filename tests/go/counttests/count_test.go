package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	const start = `{"Action":"start","Package":"p"}`
	event := func(action, test string) string {
		return `{"Action":"` + action + `","Package":"p","Test":"` + test + `"}`
	}
	end := func(action string) string { return `{"Action":"` + action + `","Package":"p"}` }
	for _, row := range []struct {
		name           string
		events         []string
		passed, failed int
	}{
		{"nothing", nil, 0, 0},
		{"no test files", []string{start, end("skip")}, 0, 0},
		{"one passed", []string{start, event("run", "A"), event("pass", "A"), end("pass")}, 1, 0},
		{"one failed", []string{start, event("run", "A"), event("fail", "A"), end("fail")}, 0, 1},
		{"one was skipped", []string{start, event("run", "A"), event("skip", "A"), end("pass")}, 0, 1},
		{"one never ended", []string{start, event("run", "A"), end("fail")}, 0, 1},
		{"the package never ended", []string{start, event("run", "A"), event("pass", "A")}, 1, 1},
		{"the package did not build", []string{start, end("fail")}, 0, 1},
		{"the package failed after its tests",
			[]string{start, event("run", "A"), event("pass", "A"), end("fail")}, 1, 1},
		{"subtests count in place of their test", []string{start, event("run", "A"), event("run", "A/1"),
			event("run", "A/2"), event("pass", "A/1"), event("fail", "A/2"), event("fail", "A"), end("fail")}, 1, 1},
		{"a test failed beside its subtest", []string{start, event("run", "A"), event("run", "A/1"),
			event("pass", "A/1"), event("fail", "A"), end("fail")}, 1, 1},
		{"a subtest with a slash in its name", []string{start, event("run", "A"), event("run", "A/10.0.0.0/8"),
			event("skip", "A/10.0.0.0/8"), event("pass", "A"), end("pass")}, 0, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out strings.Builder
			passed, failed, err := count(strings.NewReader(strings.Join(row.events, "\n")), &out)
			if err != nil || passed != row.passed || failed != row.failed {
				t.Errorf("count: %d passed, %d failed, error %v; want %d, %d\n%s",
					passed, failed, err, row.passed, row.failed, &out)
			}
		})
	}
}

func TestCountShowsWhatFailed(t *testing.T) {
	const events = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"Good"}
{"Action":"output","Package":"p","Test":"Good","Output":"unheard\n"}
{"Action":"pass","Package":"p","Test":"Good"}
{"Action":"run","Package":"p","Test":"Bad"}
{"Action":"output","Package":"p","Test":"Bad","Output":"the reason\n"}
{"Action":"fail","Package":"p","Test":"Bad"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p"}
`
	var out strings.Builder
	if _, _, err := count(strings.NewReader(events), &out); err != nil {
		t.Fatal(err)
	}
	if want := "FAIL\nFAILED: p Bad\nthe reason\n"; out.String() != want {
		t.Errorf("count showed %q, want %q", out.String(), want)
	}
}

func TestCountRefusesWhatIsNoJSON(t *testing.T) {
	if _, _, err := count(strings.NewReader("go: no such package\n"), &strings.Builder{}); err == nil {
		t.Error("count took it")
	}
}
