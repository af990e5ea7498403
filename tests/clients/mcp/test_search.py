"""search against a real store."""


def found(mcp, query: str, namespace: str) -> list[dict]:
    answer = mcp.call("search", query=query, namespace=namespace)
    return answer.after(f"Search results for '{query}':")["results"]


def test_a_work_is_found_by_its_words_as_soon_as_it_is_there(api, mcp, product):
    issue = api.work("issue", product, "The walrus cache is stale", body="It never expires.")
    (result,) = found(mcp, "walrus expires", "issue")
    assert result["type"] == "work"
    assert result["work"]["id"] == issue["id"]
    assert result["snippet"] == "The **walrus** cache is stale … It never **expires**."
    assert found(mcp, "walrus", "ticket") == []


def test_a_part_is_found_by_its_name(api, mcp):
    part = api.product("Narwhal")
    assert [result["part"]["id"] for result in found(mcp, "narwhal", "part")] == [part["id"]]


def test_the_id_of_a_work_finds_it(api, mcp, product):
    issue = api.work("issue", product, "A walrus by its id")
    results = found(mcp, issue["display_id"], "issue")
    assert results[0]["work"]["id"] == issue["id"]
