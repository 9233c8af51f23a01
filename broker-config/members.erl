%% Run by each node of a cluster when it starts. A quorum queue has its copies on the nodes that there were when it was declared:
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
spawn(fun() -> Grow(5) end).
