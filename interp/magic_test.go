package interp

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestMagics runs magic lines one after the other in one session; {dir} is a folder of the test.
func TestMagics(t *testing.T) {
	dir := t.TempDir()
	s := newTestSession(t)
	for _, step := range []struct{ code, want string }{
		{"%cd {dir}", `stdout: {dir}\n`},
		{"%cd nowhere", `error: .*chdir nowhere: no such file.*`},
		{"%env RIVULET_TEST_A=\"one two\"", ``},
		{"%env RIVULET_TEST_A\nos.Getenv(\"RIVULET_TEST_A\")", `stdout: one two\nresult: "?one two"?\n`},
		{"%env RIVULET_TEST_B $RIVULET_TEST_A!\n%env RIVULET_TEST_B", `stdout: one two!\n`},
		{"%config", `stdout: progress  auto   how a running .*taste     plain  what it is like\n`},
		{"%config taste", `stdout: taste = plain\n`},
		{"%config taste=sour", `stdout: taste = sour\n`},
		{"%config taste 'sweet'", `stdout: taste = sweet\n`},
		{"%config taste = default\n%config progress = off", `stdout: taste = plain\n    progress = off\n`},
		{"%config taste=bitter", `error: .*%config taste: "bitter" is no taste.*`},
		{"%config taste=", `error: .*%config taste: which value.*`},
		{"%config progress=fast", `error: .*"fast" is not auto, live, line, off.*`},
		{"%config tsate=sour", `error: .*there is no option "tsate"; there is progress, taste.*`},
		{"%env RIVULET_TEST_NONE", `error: .*RIVULET_TEST_NONE is not set.*`},
		{"%env", `stdout: .*RIVULET_TEST_A=one two\n.*`},
		{"%%file made.txt\n%get nothing\nline two\n", `stdout: wrote 22 bytes to made.txt\n`},
		{"%%file -a made.txt\nmore\n", `stdout: appended 5 bytes to made.txt\n`},
		{"%load made.txt", `next: // %load made.txt\n    %get nothing\n    line two\n    more\n    true\n`},
		{"%load none.go", `error: .*none.go: no such file.*`},
		{"%load", `error: .*which file.*`},
		{"!cat made.txt", `stdout: %get nothing\n    line two\n    more\n`},
		{"!echo good; echo bad >&2", `(stdout: good\nstderr: bad|stderr: bad\nstdout: good)\n`}, // by two pipes: in either order
		{"x := true\n!echo $((6 * 7))\ny := x &&\n!x\ny", `stdout: 42\nresult: false\n`},
		{"%%sh\nfor i in 1 2; do\n  echo $i\ndone\nexit 3", `stdout: 1\n    2\nerror: .*exit status 3.*`},
		{"%file made.txt", `error: .*%%file begins a cell.*`},
		{"%%cd {dir}", `error: .*%cd is a line, not a cell.*`},
		{"%nothing", `error: .*%nothing: there is no such line command; there is %cd.*%help.*`},
		{"%history\nx", `error: .*%history stands alone.*`},
		{"%help", `stdout: %cd \[folder\] +changes the working directory.*%who.*`},
		{"%time z := 20\nz * 2", `result: 40\nstderr: wall [0-9.]+.s, processor [0-9.]+.s\n`},
		{"%%time\ntime.Sleep(20 * time.Millisecond)", `stderr: wall [2-9][0-9.]+ms, processor [0-9.]+.s\n`},
		{"%time zz", `error: .*1:7: undefined: zz.*`},
		{"func double(n int) int { return 2 * n }\ntype pair struct{ a, b int }\nconst c = 1.5", ``},
		{"%who func", `stdout: func +double +func\(n int\) int +In\[1\]\n`},
		{"%who", `stdout: const +c +untyped float .*func +double .*type +pair +struct\{a int; b int\} .*var +x +bool .*`},
		{"%who everything", `error: .*"everything" is not func, type, var or const.*`},
	} {
		code, want := strings.ReplaceAll(step.code, "{dir}", dir), strings.ReplaceAll(step.want, "{dir}", regexp.QuoteMeta(dir))
		if got := cellOf(t, s, code); !regexp.MustCompile(`(?s)\A` + want + `\z`).MatchString(got) {
			t.Errorf("%q:\n got %q\nwant %q", code, got, want)
		}
	}
}

// TestShellStreams sees what a command prints while it runs, and ends it with what it has started.
func TestShellStreams(t *testing.T) {
	s := newTestSession(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &testCell{count: 1}
	pid := filepath.Join(t.TempDir(), "pid")
	ended := make(chan error, 1)
	go func() { ended <- s.Execute(ctx, "%%sh\necho begun\nsleep 600 &\necho $! > "+pid+"\nwait", c) }()
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if text, _ := os.ReadFile(pid); c.text("stdout") == "begun\n" && len(text) > 0 {
			break
		}
		if time.Since(began) > 20*time.Second {
			t.Fatal("nothing comes while the command runs")
		}
	}
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("the end: %v", err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	process := "/proc/" + strings.TrimSpace(string(text))
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		status, err := os.ReadFile(process + "/stat")
		if err != nil || strings.Contains(string(status), ") Z ") {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("what the command started goes on")
		}
	}
	if got := cellOf(t, s, "!sleep 5 & echo done"); got != "stdout: done\n" {
		t.Errorf("a command that leaves something behind: %q", got)
	}
}

func TestTimeIt(t *testing.T) {
	s := newTestSession(t)
	for _, code := range []string{"k := 3\n%timeit k * 2", "%%timeit\ns := 0\nfor i := range 10 {\n\ts += i\n}\n_ = s", "%timeit strings.Repeat(\"x\", 10)"} {
		if got := cellOf(t, s, code); !regexp.MustCompile(`\Ashow: [0-9.]+ .s ± .* a run, best .*7 rounds of \d+ runs\)\n\z`).MatchString(got) {
			t.Errorf("%q: %q", code, got)
		}
	}
}

func TestMagicCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one.csv", "other.csv", ".hidden", "sub"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newTestSession(t)
	cellOf(t, s, "%cd "+dir+"\nworth := 1\n")
	for _, test := range []struct{ code, want string }{
		{"%ti", "%time %timeit"},
		{"x := 1\n  %who", "%who"},
		{"%%f", "%%file"},
		{"!cat o", "one.csv other.csv"},
		{"%%file ./.", "./.hidden"},
		{"%cd /pro", "/proc/"},
		{"%time wor", "worth"},
		{"%timeit wor", "worth"},
		{"%%time\nwor", "worth"},
		{"%get x", ""},
		{"%config ", "progress taste"},
		{"%config ta", "taste"},
		{"%config taste=s", "sweet sour"},
		{"%config taste = so", "sour"},
		{"%config progress d", "default"},
		{"%config nothing=", ""},
	} {
		found, err := s.Complete(t.Context(), test.code, len(test.code))
		if got := strings.Join(found.Matches, " "); err != nil || got != test.want {
			t.Errorf("%q: %q %v, want %q", test.code, got, err, test.want)
		}
		if len(found.Matches) > 0 && !strings.HasPrefix(found.Matches[0], test.code[found.Start:found.End]) {
			t.Errorf("%q: replaces %q by %q", test.code, test.code[found.Start:found.End], found.Matches[0])
		}
	}
}
