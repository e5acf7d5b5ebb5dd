package release_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

func TestAssetsAreNamedOnceAndSayWhatIsDoneToThem(t *testing.T) {
	const good = "assets:\n- {name: tls-certificate, kind: certificate, change: introduce}\n- {name: old-balancer, change: retire}\n"
	_, problems := release.ParseDefinition("web.yaml", []byte(sample(t)+good))
	require.Empty(t, problems)
	for _, c := range []struct{ assets, told string }{
		{"{name: a, change: introduced}", `"introduced": did you mean "introduce"? Use introduce, change, retire`},
		{"{name: a, change: buy}", `"buy" is nothing that is done to an asset: use introduce, change, retire`},
		{"{name: a}", `"" is nothing that is done to an asset`},
		{"{name: a, change: retire}\n- {name: a, change: introduce}", `"a" is already used by assets[0]`},
		{"{change: retire}", `"" is not a name`},
		{"{name: a, change: retire, sort: licence}", `unknown field "sort"`},
	} {
		_, problems := release.ParseDefinition("web.yaml", []byte(sample(t)+"assets:\n- "+c.assets+"\n"))
		require.Len(t, problems, 1, c.assets)
		require.Contains(t, problems.Error(), c.told)
		require.Positive(t, problems[0].Line, c.assets)
	}
}

// content is the files of a package: what they hold, by their paths.
type content map[string]string

// text is the document contents.json.
func (c content) text(component string) *strings.Reader {
	type entry struct {
		Component string `json:"component"`
		Path      string `json:"path"`
		Mode      string `json:"mode,omitempty"`
		Link      string `json:"link,omitempty"`
		Size      int    `json:"size"`
		SHA256    string `json:"sha256,omitempty"`
	}
	all := []entry{}
	for _, path := range slices.Sorted(maps.Keys(c)) {
		e := entry{Component: component, Path: path, Mode: "0644", SHA256: c[path]}
		if target, link := strings.CutPrefix(c[path], "-> "); link {
			e.Mode, e.SHA256, e.Link = "", "", target
		}
		all = append(all, e)
	}
	data, _ := json.Marshal(all)
	return strings.NewReader(string(data))
}

func TestEveryFileIsIntroducedChangedRetiredOrUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		contents := rapid.MapOf(rapid.StringMatching(`[a-d]/[a-d]`), rapid.SampledFrom([]string{"x", "y", "-> x"}))
		was, is := content(contents.Draw(t, "was")), content(contents.Draw(t, "is"))
		count, err := release.CountFiles(was.text("a"), is.text("b"))
		require.NoError(t, err)
		require.Equal(t, len(is), count.Introduced+count.Changed+count.Unchanged, "all of now")
		require.Equal(t, len(was), count.Retired+count.Changed+count.Unchanged, "all of before")
		back, err := release.CountFiles(is.text("a"), was.text("a"))
		require.NoError(t, err)
		require.Equal(t, release.AssetCount{Introduced: count.Retired, Changed: count.Changed, Retired: count.Introduced, Unchanged: count.Unchanged}, back)
		same, err := release.CountFiles(is.text("a"), is.text("a"))
		require.NoError(t, err)
		require.Equal(t, release.AssetCount{Unchanged: len(is)}, same)
		first, err := release.CountFiles(nil, is.text("a"))
		require.NoError(t, err)
		require.Equal(t, release.AssetCount{Introduced: len(is)}, first)
	})
}

func TestAHundredThousandFilesAreCounted(t *testing.T) {
	was, is := content{}, content{}
	for i := range 100_000 {
		path := fmt.Sprintf("lib/part-%d/file-%d", i%100, i)
		was[path] = fmt.Sprintf("%064d", i)
		is[path] = was[path]
	}
	delete(is, "lib/part-0/file-0")
	is["lib/part-1/file-1"], is["lib/new"] = "other", "new"
	count, err := release.CountFiles(was.text("a"), is.text("a"))
	require.NoError(t, err)
	require.Equal(t, "1 introduced, 1 changed, 1 retired", count.String())
	require.Equal(t, 99_998, count.Unchanged)
}

func TestWhatIsNoListOfFilesIsNotCounted(t *testing.T) {
	for _, text := range []string{"", "{}", `"a"`, `[{"path":"a"}`, `[{"mode":"0644"}]`, `[1]`, `[{"path":"a"}}`} {
		_, err := release.CountFiles(nil, strings.NewReader(text))
		require.ErrorContains(t, err, "files of the package", text)
	}
}

func TestAComponentFromAnotherSourceIsChanged(t *testing.T) {
	component := func(name, sum string) release.Component {
		return release.Component{Name: name, Source: release.Source{Dir: "/" + name, Sum: sum}}
	}
	was := []release.Component{component("web", "h1:1"), component("worker", "h1:1"), component("cron", "h1:1")}
	is := []release.Component{component("web", "h1:2"), component("worker", "h1:1"), component("mail", "h1:1")}
	count := release.CountComponents(was, is)
	require.Equal(t, release.AssetCount{Introduced: 1, Changed: 1, Retired: 1, Unchanged: 1}, count)
	require.Equal(t, "unchanged", release.CountComponents(was, was).String())
}

func TestDeclaredAssetsStayInServiceUntilTheyAreRetired(t *testing.T) {
	first := []release.Asset{{Name: "seat-licence", Kind: "licence", Change: release.AssetIntroduced}, {Name: "balancer", Change: release.AssetIntroduced}}
	second := []release.Asset{{Name: "seat-licence", Kind: "licence", Change: release.AssetChanged}, {Name: "balancer", Change: release.AssetRetired}}
	one := release.InService(nil, first, "web@1")
	require.Equal(t, []release.AssetInService{{Name: "balancer", Release: "web@1"}, {Name: "seat-licence", Kind: "licence", Release: "web@1"}}, one)
	two := release.InService(one, second, "web@2")
	require.Equal(t, []release.AssetInService{{Name: "seat-licence", Kind: "licence", Release: "web@2"}}, two)
	require.Equal(t, two, release.InService(two, second, "web@2"), "the same again changes nothing")
	require.Len(t, one, 2, "what was before stays as it was")

	report := release.AssetReport{
		Components: &release.AssetCount{Unchanged: 1}, Notes: []string{"package 12 has no contents.json in the DML"},
		Declared: release.CountDeclared(second),
	}
	require.Equal(t, "components: unchanged; files: not known; asset: 1 retired; licence: 1 changed; package 12 has no contents.json in the DML", report.String())
}

func TestApproversSeeWhatIsDoneToAssets(t *testing.T) {
	r, p := waiting(t)
	require.NotContains(t, release.Details(r, p), "Assets:")
	p.Definition.Assets = []release.Asset{
		{Name: "balancer", Change: release.AssetRetired}, {Name: "seats", Kind: "licence", Change: release.AssetIntroduced},
	}
	require.Contains(t, release.Details(r, p), "- Assets: introduces licence seats; retires balancer\n")
}
