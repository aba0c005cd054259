[assembly: CollectionBehavior(DisableTestParallelization = true)] // tests have processes of their own to keep the processors busy
