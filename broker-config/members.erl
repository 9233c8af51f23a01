%% Run by each node of a cluster when it starts.
%%
%% A quorum queue has its copies on the nodes that there were when it was declared:
%% who joins later, be it by seconds, takes part in none. So a node that has come adds itself to those that lack it, as
%% `rabbitmq-queues grow` does; what cannot be done now (another one is just joining) is done a little later.
Grow = fun Grow(Left) ->
    timer:sleep(2000),
    Done = rabbit:is_running() andalso
        try lists:all(fun({_, {ok, _}}) -> true; (_) -> false end, rabbit_quorum_queue:grow(node(), <<".*">>, <<".*">>, all))
        catch _:_ -> false
        end,
    case Left of
        0 -> ok;
        _ when Done -> Grow(Left - 1);
        _ -> Grow(Left)
    end
end,
spawn(fun() -> Grow(5) end),

%% Who sees no majority stops serving (pause_minority), but only if it has noticed before the network is whole again. A shorter
%% cut leaves two opinions of which queues and bindings there are, for good, and what is sent from one side to the other is lost.
%% So a node that knows of such a cut starts again and takes over what the others know: first whoever was apart from most of
%% them, one after the other, until nobody knows of a cut any more.
Heal = fun Heal(Seconds) ->
    timer:sleep(5000),
    {Nodes, Apart} = try {lists:sort(mnesia:system_info(db_nodes)), rabbit_node_monitor:partitions()} catch _:_ -> {[node()], []} end,
    Rank = length(lists:takewhile(fun(Node) -> Node =/= node() end, Nodes)),
    Patience = if 2 * length(Apart) >= length(Nodes) -> 10 + 20 * Rank; true -> 10 + 20 * (length(Nodes) + Rank) end,
    if
        Apart =:= [] -> Heal(0);
        Seconds < Patience -> Heal(Seconds + 5);
        true ->
            logger:error("was apart from ~tp while they went on; starts again to learn what they know", [Apart]),
            spawn(fun() -> timer:sleep(30000), erlang:halt(1) end),
            rabbit:stop_and_halt()
    end
end,
spawn(fun() -> Heal(0) end).
