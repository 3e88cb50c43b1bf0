"""program.toml: what is right is read, what is wrong is named by line and key, secrets are never in the file."""

from datetime import date

import pytest

from data_sources import program as programs

SAMPLE = programs.SAMPLE.read_text(encoding="utf-8")
COMMENTED = "".join(
    line[2:] if line.startswith("# ") and (" = " in line or line.startswith("# [")) else line
    for line in SAMPLE.splitlines(keepends=True)
)


def load(tmp_path, text):
    (tmp_path / "program.toml").write_text(text, encoding="utf-8")
    return programs.load(tmp_path)


def mistake(tmp_path, text):
    with pytest.raises(programs.ProgramError) as caught:
        load(tmp_path, text)
    return str(caught.value)


def test_the_sample_is_valid(tmp_path):
    program = load(tmp_path, SAMPLE)
    assert [source.kind for source in program.sources] == ["logs"]
    assert set(program.stages) == set(programs.TIERS)


def test_what_the_sample_leaves_commented_is_valid_too(tmp_path):
    program = load(tmp_path, COMMENTED)
    assert {source.kind for source in program.sources} == programs.SOURCE_KINDS
    assert program.costs.pool[0].driver == "compute_ms"
    (rate,) = program.costs.support_rate
    assert (rate.group, rate.valid_from, rate.per_hour) == ("Engineering", date(2026, 1, 1), 95)
    assert next(source for source in program.sources if source.kind == "zendesk").time_field == "360000000000"
    rule, last = program.owner_rule
    assert (rule.owner, rule.when, rule.values) == ("sales@example.com", "whose_move", ["sales", "legal"])
    assert last.when == "always", "no stalled account is nobody's"
    assert program.plan[0].free
    assert [rule.environment for rule in program.environment_rule] == ["sandbox"]
    assert [rule.when for rule in program.tests] == ["route"]
    assert program.stages["open"].steps[-1] == "paying"
    assert program.fx_rate[0].rate == 1.08
    assert program.path_rules == programs.PathRules(), "the sample names the usual numbers"


@pytest.mark.parametrize("line", ["signals_needed = 0", "volume_share = 1.5", "enterprise_developers = 1", "signs = 2"])
def test_path_rules_are_numbers_that_can_hold(tmp_path, line):
    said = mistake(tmp_path, SAMPLE + f"\n[path_rules]\n{line}\n")
    assert f"path_rules.{line.split(' ')[0]}" in said


def test_support_rates_are_for_a_group_or_all_from_a_day_or_always(tmp_path):
    text = SAMPLE + '[[costs.support_rate]]\nper_hour = 60\n\n[[costs.support_rate]]\ngroup = "Tier 1"\nper_hour = 50\n'
    rates = load(tmp_path, text).costs.support_rate
    assert [(rate.group, rate.valid_from, rate.per_hour) for rate in rates] == [(None, None, 60), ("Tier 1", None, 50)]
    assert "twice: tier 1" in mistake(tmp_path, text + '[[costs.support_rate]]\ngroup = "tier 1"\nper_hour = 1\n')
    assert "costs.support_rate.1.per_hour" in mistake(tmp_path, SAMPLE + "[[costs.support_rate]]\nper_hour = -1\n")
    assert "valid_form: no such key" in mistake(
        tmp_path, SAMPLE + "[[costs.support_rate]]\nvalid_form = 2026-01-01\nper_hour = 1\n"
    )


def test_spark_needs_its_address_and_no_token_in_it(tmp_path):
    def with_keys(keys: str) -> str:
        return SAMPLE.replace("[program]\n", f"[program]\n{keys}\n")

    spark = 'engine = "spark"\nspark = "sc://localhost:15002/;use_ssl=true"\nspark_token = "env:T"'
    assert load(tmp_path, with_keys(spark)).program.spark_token == "env:T"
    for keys in (
        'engine = "spark"',
        'spark = "sc://localhost:15002"',
        'engine = "duckdb"\nspark = "sc://localhost:15002"',
    ):
        assert "belong together" in mistake(tmp_path, with_keys(keys))
    for address in ("localhost:15002", "sc://", "spark://localhost:7077", "sc://user@host:1", "sc://host:port"):
        assert "program.spark" in mistake(tmp_path, with_keys(f'engine = "spark"\nspark = "{address}"'))
    said = mistake(tmp_path, with_keys('engine = "spark"\nspark = "sc://host:1/;token=dapi0123"'))
    assert "spark_token" in said
    assert "dapi0123" not in said


def test_the_time_field_is_an_id(tmp_path):
    zendesk = (
        '[[source]]\nname = "z"\nkind = "zendesk"\nurl = "https://x.zendesk.com"\nemail = "a@b.c"\ntoken = "env:T"\n'
    )
    assert "time_field" in mistake(tmp_path, SAMPLE + zendesk + 'time_field = "Time spent"\n')


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(programs.ProgramError, match="init --home"):
        programs.load(tmp_path)


def test_broken_toml_names_its_line(tmp_path):
    assert "line 2" in mistake(tmp_path, '[program]\nname = "x\n')


def test_every_mistake_is_named_with_line_and_key(tmp_path):
    text = SAMPLE.replace('when = "contract"', 'when = "contrac"').replace("paths = [", "path = [")
    lines = text.splitlines()
    message = mistake(tmp_path, text)
    misspelt = lines.index('path = ["logs/*.log*"]') + 1
    assert f"line {misspelt}: source.1.path: no such key" in message
    assert "source.1.paths: is missing" in message
    unknown = lines.index('when = "contrac"') + 1
    assert f"line {unknown}: tier_rule.2.when" in message
    assert "internal_domain" in message


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path):
    text = SAMPLE + '[[source]]\nname = "pay"\nkind = "stripe"\nkey = "rk_live_abcdef"\n'
    message = mistake(tmp_path, text)
    assert f"line {len(text.splitlines())}: source.2.key" in message
    assert "env:NAME" in message
    assert "rk_live_abcdef" not in message


def test_two_sources_of_one_name(tmp_path):
    text = SAMPLE + '[[source]]\nname = "gateway"\nkind = "kong"\nurl = "http://localhost:8001"\n'
    assert "twice: gateway" in mistake(tmp_path, text)


def test_an_unknown_sheet_lists_the_known(tmp_path):
    text = SAMPLE + '[[source]]\nname = "s"\nkind = "csv"\ntable = "contracts"\npath = "c.csv"\n'
    message = mistake(tmp_path, text)
    assert "'contracts' is none of" in message
    assert "contract," in message


def test_an_unknown_kind_lists_the_known(tmp_path):
    message = mistake(tmp_path, SAMPLE + '[[source]]\nname = "s"\nkind = "mulesoft"\n')
    assert "zendesk" in message


def test_secrets_come_from_the_environment_or_a_file(tmp_path, monkeypatch):
    program = load(tmp_path, SAMPLE)
    monkeypatch.setenv("SOME_TOKEN", "t1")
    assert program.resolve("env:SOME_TOKEN") == "t1"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "desk").write_text("t2\n")
    monkeypatch.delenv("API_PROGRAM_SECRETS", raising=False)
    assert program.resolve("secret:desk") == "t2"
    with pytest.raises(programs.ProgramError, match="NOT_THERE is not set"):
        program.resolve("env:NOT_THERE")
    with pytest.raises(programs.ProgramError, match="no file nothing"):
        program.resolve("secret:nothing")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('owner = "Kim"\nwhen = "tier"\nvalue = "opn"', "owner_rule.1: value 'opn' is none of internal, partner"),
        ('owner = "Kim"\nwhen = "stage"\nvalue = ["first_call", "won"]', "value 'won' is none of discovered"),
        ('owner = "Kim"\nwhen = "reason"', 'when = "reason" needs a value'),
        ('owner = "Kim"\nwhen = "always"\nvalue = "x"', 'when = "always" takes no value'),
        ('owner = "Kim"\nwhen = "attribute"\nvalue = "red"', "write an attribute as key=value"),
        ('owner = "Kim"\nwhen = "phase of the moon"', "owner_rule.1.when"),
        ('owner = ""\nwhen = "always"', "owner_rule.1.owner"),
        ('owner = "Kim"\nwhen = "always"\nsince = 2026', "since: no such key"),
    ],
)
def test_an_owner_rule_says_what_is_wrong_with_it(tmp_path, rule, says):
    text = f"{SAMPLE}\n[[owner_rule]]\n{rule}\n"
    message = mistake(tmp_path, text)
    assert says in message
    line = text.splitlines().index("[[owner_rule]]") + 1
    assert any(f"line {n}:" in message for n in range(line, line + 4)), message


def test_owner_rules_are_kept_in_their_order(tmp_path):
    text = f'{SAMPLE}\n[[owner_rule]]\nowner = "Kim"\nwhen = "country"\nvalue = ["FI", "SE"]\n'
    text += '\n[[owner_rule]]\nowner = "Lee"\nwhen = "always"\n'
    rules = load(tmp_path, text).owner_rule
    assert [(rule.owner, rule.when, rule.values) for rule in rules] == [
        ("Kim", "country", ["FI", "SE"]),
        ("Lee", "always", []),
    ]


PROGRAM = '[program]\nname = "Test"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[party]]\nname = "a"\nkind = "rival"', "kind"),
        ('[[party]]\nname = "a"\nkind = "competitor"\nnetworks = ["192.0.2.1/24"]', "write a network as"),
        ('[[party]]\nname = "a"\nkind = "competitor"\ndomains = ["no domain"]', "is no domain"),
        ('[[party]]\nname = "a"\nkind = "competitor"\n[[party]]\nname = "a"\nkind = "scraper"', "twice: a"),
        ('[[regulated]]\nservice = "s"\ndata = "d"\nregions = ["Europe"]', "is no region"),
        ("[scraper_rules]\nparts_needed = 5", "parts_needed"),
    ],
)
def test_mistakes_about_outsiders_are_named(tmp_path, text, said):
    assert said in mistake(tmp_path, PROGRAM + text)


def test_regions_are_countries(tmp_path):
    program = load(tmp_path, PROGRAM + '[[regulated]]\nservice = "s"\ndata = "d"\nregions = ["eea", "us", "FR"]\n')
    countries = program.regulated[0].countries
    assert {"US", "FR", "NO"} <= set(countries)
    assert len(countries) == len(set(countries)) == 31
