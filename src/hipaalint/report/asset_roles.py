"""What a type of resource does with data: lets it in, works on it, passes it on or keeps it.

Read by resource_map.py, which draws what has a role; everything else is in the inventory alone.
"""

from __future__ import annotations

ENTRY, PROCESSOR, CHANNEL, STORE = "entry", "processor", "channel", "store"
ROLES = (ENTRY, PROCESSOR, CHANNEL, STORE)  # from the internet inwards

_TYPES = {
    ENTRY: """
        AWS::ElasticLoadBalancingV2::LoadBalancer AWS::ElasticLoadBalancing::LoadBalancer AWS::CloudFront::Distribution
        AWS::ApiGateway::RestApi AWS::ApiGatewayV2::Api AWS::AppSync::GraphQLApi AWS::Transfer::Server""",
    PROCESSOR: """
        AWS::EC2::Instance AWS::AutoScaling::AutoScalingGroup AWS::Lambda::Function AWS::ECS::Service AWS::EKS::Cluster
        AWS::EKS::Nodegroup AWS::EMR::Cluster AWS::Glue::Job AWS::Batch::ComputeEnvironment AWS::DMS::ReplicationInstance
        AWS::SageMaker::NotebookInstance AWS::SageMaker::Endpoint AWS::ElasticBeanstalk::Environment
        AWS::AppRunner::Service AWS::StepFunctions::StateMachine AWS::WorkSpaces::Workspace AWS::AppStream::Fleet
        AWS::CodeBuild::Project""",
    CHANNEL: """
        AWS::SQS::Queue AWS::SNS::Topic AWS::Kinesis::Stream AWS::KinesisFirehose::DeliveryStream AWS::MSK::Cluster
        AWS::AmazonMQ::Broker AWS::Events::EventBus AWS::Pipes::Pipe""",
    STORE: """
        AWS::S3::Bucket AWS::RDS::DBInstance AWS::RDS::DBCluster AWS::DynamoDB::Table AWS::DynamoDB::GlobalTable
        AWS::Redshift::Cluster AWS::RedshiftServerless::Namespace AWS::OpenSearchService::Domain
        AWS::Elasticsearch::Domain AWS::EFS::FileSystem AWS::FSx::FileSystem AWS::EC2::Volume
        AWS::ElastiCache::ReplicationGroup AWS::ElastiCache::CacheCluster AWS::MemoryDB::Cluster AWS::DAX::Cluster
        AWS::DocDB::DBCluster AWS::Neptune::DBCluster AWS::Logs::LogGroup AWS::Backup::BackupVault AWS::ECR::Repository
        AWS::HealthLake::FHIRDatastore AWS::Timestream::Database AWS::QLDB::Ledger aws_ebs_snapshot aws_ebs_snapshot_copy
        aws_db_snapshot aws_db_snapshot_copy aws_db_cluster_snapshot aws_glacier_vault""",
}
_ROLES = {type: role for role, types in _TYPES.items() for type in types.split()}

# What stands between an entry and what it hands requests to, in the order in which they are passed.
CONNECTORS = {
    "AWS::ElasticLoadBalancingV2::Listener": 1,
    "AWS::ElasticLoadBalancingV2::ListenerRule": 2,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 3,
    "aws_lb_target_group_attachment": 4,
    "aws_elb_attachment": 4,
}


def role_of(type: str) -> str:
    """One of ROLES; "" for what is not drawn."""
    return _ROLES.get(type, "")
